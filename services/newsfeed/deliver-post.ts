import type { Call } from "../define-service";
import type { TimelineEntry } from "../../mixins/redis";
import * as deliveries from "./deliveries.repository";
import type { Delivery } from "./deliveries.repository";
import type { Newsfeed } from "./newsfeed-store";
import { announcePulled } from "./pulled-cache";
import * as pulledPosts from "./pulled-posts.repository";
import * as tombstones from "./tombstones.repository";

/** Followers in one page of a fan-out: smaller ones lose up to a third of the speed. */
export const PAGE = 5_000;

/** Brings a new post to its readers, or goes on where an earlier try was interrupted. Push or pull is decided by the first. */
export async function deliverPost(feeds: Newsfeed, call: Call, post: TimelineEntry): Promise<void> {
  const shard = feeds.sql.at(post.user_id);
  const known = await deliveries.find(shard, post.user_id, post.post_id);
  const isPulled = known?.is_pulled ?? (await isOfInfluencer(feeds, call, post.user_id));
  const delivery = await shard.transaction(async (tx) => {
    if (await tombstones.isGone(tx, post.post_id)) return undefined;
    const decided = await deliveries.decide(tx, post, isPulled);
    if (decided.is_pulled && !decided.is_done) {
      await pulledPosts.add(tx, post);
      await pulledPosts.raiseVersion(tx, post.user_id);
      await deliveries.step(tx, post, decided, { ...decided, is_done: true });
    }
    return decided;
  });
  if (delivery?.is_pulled) await announcePulled(feeds, post);
  else if (delivery) await publishPages(feeds, call, post, delivery);
}

async function isOfInfluencer(feeds: Newsfeed, call: Call, authorId: number): Promise<boolean> {
  const { follower_count } = await call("graph.followerCount", { user_id: authorId });
  return follower_count >= feeds.influencerFollowers;
}

/** Pages the followers by key; each page and the note that it is on its way are one transaction. */
export async function publishPages(feeds: Newsfeed, call: Call, post: TimelineEntry, from: Delivery): Promise<void> {
  const { user_id, post_id } = post;
  const created_at = new Date(post.created_at_ms).toISOString();
  let { is_done, pages, reached_id } = from;
  while (!is_done) {
    const { user_ids, has_more } = await call("graph.followerIds", { user_id, after: reached_id, limit: PAGE });
    const next = { reached_id: user_ids.at(-1) ?? reached_id, pages: pages + 1, is_done: !has_more };
    const isMine = await feeds.sql.at(user_id).transaction(async (tx) => {
      if (!(await deliveries.step(tx, post, { pages }, next))) return false;
      const data = { page_id: `${post_id}:${pages}`, post_id, user_id, created_at, follower_ids: user_ids };
      if (user_ids.length > 0) await feeds.publish(tx, "feed.fanout", data);
      return true;
    });
    // Another delivery of the same event goes on from here, or the post is gone.
    if (!isMine) return;
    ({ is_done, pages, reached_id } = next);
  }
}
