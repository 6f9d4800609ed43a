import type { TimelineEntry } from "../../mixins/redis";
import * as repository from "./arrivals.repository";
import type { Seen } from "./feed-position";
import type { Newsfeed } from "./newsfeed-store";

/**
 * Which of these posts, none of them newer than the reader's position, these snapshots show in either place: one that is pulled may
 * come into a feed as a row as well, when that is built while its readers are being told, and is no news then.
 */
export async function toldBefore(
  { sql }: Newsfeed,
  viewerId: number,
  posts: readonly TimelineEntry[],
  seen: Seen,
): Promise<Set<string>> {
  if (posts.length === 0) return new Set();
  const found = await Promise.all([
    seen["own"] === undefined ? [] : repository.pushedBefore(sql.at(viewerId), viewerId, posts, seen["own"]),
    ...sql.group([...new Set(posts.map(({ user_id }) => user_id))]).map(({ shard, keys }) => {
      const snapshot = seen[String(shard.index)];
      const theirs = posts.filter(({ user_id }) => keys.includes(user_id));
      return snapshot === undefined ? [] : repository.pulledBefore(shard, theirs, snapshot);
    }),
  ]);
  return new Set(found.flat());
}
