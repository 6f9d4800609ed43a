import type { DomainEvent } from "../../lib/contract";
import type { EventData } from "../contracts";
import type { Call } from "../define-service";
import { pagesOf } from "./deliver-post";
import * as deliveries from "./deliveries.repository";
import type { Newsfeed } from "./newsfeed-store";
import * as tombstones from "./tombstones.repository";

/**
 * Brings a post that is no longer archived back into the feeds from which it was trimmed, or that were built without it. Its
 * other rows were kept. Archiving that is told late was ended by what was told before it.
 */
export async function restorePost(
  feeds: Newsfeed,
  call: Call,
  event: DomainEvent<EventData<"post.updated">>,
): Promise<void> {
  const { post_id, user_id, created_at, is_hidden } = event.data;
  const post = { post_id, user_id, created_at_ms: Date.parse(created_at) };
  const { follower_count } = await call("graph.followerCount", { user_id });
  await feeds.sql.at(user_id).transaction(async (tx) => {
    if (await tombstones.isGone(tx, post_id)) return;
    if (!(await feeds.once(tx, event, "restore"))) return;
    const before = await deliveries.noteArchived(tx, post, is_hidden, event.occurred_at);
    const isLate = before?.archived_at ? before.archived_at.getTime() > Date.parse(event.occurred_at) : false;
    const isShownAgain = is_hidden ? isLate : before?.is_archived === true && !isLate;
    if (isShownAgain && before?.is_pulled === false)
      await feeds.publishMany(tx, "feed.fanout", pagesOf(feeds, post, follower_count));
  });
}
