import type { EventData } from "../contracts";
import * as feedItems from "./feed-items.repository";
import type { Newsfeed } from "./newsfeed-store";
import * as tombstones from "./tombstones.repository";

/** Writes a post into the feeds of one page of followers, then into those of their timelines that are cached. */
export async function fanOut(feeds: Newsfeed, page: EventData<"feed.fanout">): Promise<void> {
  const { post_id, user_id, created_at, follower_ids } = page;
  const entry = { post_id, user_id, created_at_ms: Date.parse(created_at) };
  const written = await Promise.all(
    feeds.sql.group(follower_ids).map(({ shard, keys }) =>
      shard.transaction(async (tx) => {
        if (await tombstones.isGone(tx, post_id)) return [];
        await feedItems.push(tx, keys, entry);
        return keys;
      }),
    ),
  );
  const reached = written.flat();
  if (reached.length === 0) return;
  await feeds.timelines.add(reached, entry);
  feeds.figures.countDelivered(reached.length);
  feeds.hint("feed.updated", user_id, { author_id: user_id, post_id, created_at, user_ids: reached });
}
