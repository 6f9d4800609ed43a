import type { DomainEvent } from "../../lib/contract";
import type { EventData } from "../contracts";
import * as people from "./people.repository";
import type { Graph } from "./under-lock";

type FollowEvent = DomainEvent<EventData<"follow.accepted">>;
type PostEvent = DomainEvent<Pick<EventData<"post.created">, "user_id">>;

/** Moves the followed one's counter, which lies on another shard than the edge: by one for each event, once. True when it did. */
export function countFollower(graph: Graph, event: FollowEvent, delta: 1 | -1): Promise<boolean> {
  const { following_id } = event.data;
  return graph.sql.at(following_id).transaction(async (tx) => {
    if (!(await graph.once(tx, event, "follower_count"))) return false;
    await people.moveFollowerCount(tx, following_id, delta);
    return true;
  });
}

export async function countPost(graph: Graph, event: PostEvent, delta: 1 | -1): Promise<void> {
  const { user_id } = event.data;
  await graph.sql.at(user_id).transaction(async (tx) => {
    if (await graph.once(tx, event, "post_count")) await people.movePostCount(tx, user_id, delta);
  });
}
