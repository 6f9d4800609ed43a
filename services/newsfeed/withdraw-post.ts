import type { TimelineEntry } from "../../mixins/redis";
import type { Call } from "../define-service";
import * as deliveries from "./deliveries.repository";
import * as feedItems from "./feed-items.repository";
import * as hides from "./hides.repository";
import type { Newsfeed } from "./newsfeed-store";
import { announceChange } from "./pulled-cache";
import * as pulledPosts from "./pulled-posts.repository";
import { PAGE } from "./slice-followers";
import * as tombstones from "./tombstones.repository";

/** Takes a deleted post out of every feed. Former followers' rows are filtered when read, and swept. */
export async function withdrawPost(feeds: Newsfeed, call: Call, post: TimelineEntry): Promise<void> {
  // Scatters: whatever writes rows of this post, on any shard, finds the tombstone from here on.
  for (const shard of feeds.sql.shards) {
    await shard.transaction(async (tx) => {
      await tombstones.buryPost(tx, post.post_id);
      await hides.removePost(tx, post.post_id);
    });
  }
  const home = feeds.sql.at(post.user_id);
  const delivery = await deliveries.find(home, post.user_id, post.post_id);
  if (!delivery?.is_pulled) await removePages(feeds, call, post);
  await home.transaction(async (tx) => {
    await deliveries.remove(tx, post.user_id, post.post_id);
    if (await pulledPosts.remove(tx, post)) await pulledPosts.raiseVersion(tx, post.user_id);
  });
  // Also where an earlier try came no further than the commit.
  if ((await pulledPosts.versionOf(home, post.user_id)) > 0) await announceChange(feeds, post.user_id);
}

async function removePages(feeds: Newsfeed, call: Call, post: TimelineEntry): Promise<void> {
  let after = 0;
  for (let hasMore = true; hasMore;) {
    const { user_ids, has_more } = await call("graph.followerIds", { user_id: post.user_id, after, limit: PAGE });
    await Promise.all(feeds.sql.group(user_ids).map(({ shard, keys }) => feedItems.removePost(shard, keys, post)));
    await feeds.timelines.remove(user_ids, post);
    after = user_ids.at(-1) ?? after;
    hasMore = has_more;
  }
}
