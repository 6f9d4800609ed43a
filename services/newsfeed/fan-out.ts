import type { Shard } from "../../mixins/postgres";
import type { TimelineEntry } from "../../mixins/redis";
import type { EventData } from "../contracts";
import type { Call } from "../define-service";
import * as feedItems from "./feed-items.repository";
import type { Newsfeed } from "./newsfeed-store";
import * as tombstones from "./tombstones.repository";

/** A page is seldom larger than its share of the followers. */
const FOLLOWERS_AT_ONCE = 10_000;

/** Writes a post into the feeds of those who follow its author now, of one slice of all ids. */
export async function fanOut(feeds: Newsfeed, call: Call, page: EventData<"feed.fanout">): Promise<void> {
  const { user_id, upto_id: upto } = page;
  let after = page.after_id;
  for (let hasMore = true; hasMore;) {
    const found = await call("graph.followerIds", { user_id, after, upto, limit: FOLLOWERS_AT_ONCE });
    await reach(feeds, page, found.user_ids);
    after = found.user_ids.at(-1) ?? after;
    hasMore = found.has_more;
  }
}

/** First into the feeds, then into those of their timelines that are cached. */
async function reach(feeds: Newsfeed, page: EventData<"feed.fanout">, followerIds: readonly number[]): Promise<void> {
  const { post_id, user_id, created_at } = page;
  const entry = { post_id, user_id, created_at_ms: Date.parse(created_at) };
  const groups = feeds.sql.group(followerIds);
  const written = await Promise.all(groups.map(({ shard, keys }) => write(shard, keys, entry)));
  const reached = written.flat();
  if (reached.length === 0) return;
  await feeds.timelines.add(reached, entry);
  feeds.figures.countDelivered(reached.length);
  feeds.hint("feed.updated", user_id, { author_id: user_id, post_id, created_at, user_ids: reached });
}

/** Answers whom it was written to: nobody where the post is gone. */
async function write(shard: Shard, followerIds: number[], entry: TimelineEntry): Promise<number[]> {
  const writeBy = (push: typeof feedItems.push): Promise<number[]> =>
    shard.transaction(async (tx) => {
      if (await tombstones.isGone(tx, entry.post_id)) return [];
      await push(tx, followerIds, entry);
      return followerIds;
    });
  try {
    return await writeBy(feedItems.pushNew);
  } catch (error) {
    // A page that comes again, or feeds that were built meanwhile.
    if (!feedItems.isThere(error)) throw error;
    return writeBy(feedItems.push);
  }
}
