import type { EventData } from "../contracts";
import type { Call } from "../define-service";
import * as authors from "./authors.repository";
import * as feedItems from "./feed-items.repository";
import * as metadata from "./feed-metadata.repository";
import * as hides from "./hides.repository";
import type { Newsfeed } from "./newsfeed-store";
import { PAGE } from "./slice-followers";
import * as tombstones from "./tombstones.repository";

/** Marks the follower's feed, unless a read saw the new version first and rebuilt it. */
export async function markFollower(feeds: Newsfeed, call: Call, followerId: number): Promise<void> {
  const { following_version } = await call("graph.followingVersion", { user_id: followerId });
  await metadata.markOlder(feeds.sql.at(followerId), followerId, following_version);
}

/**
 * When an author is no longer suspended, followers' feeds that were built meanwhile lack their posts. A suspension that is told
 * late was ended by what was told before it.
 */
export async function noteAuthor(feeds: Newsfeed, call: Call, data: EventData<"user.updated">): Promise<void> {
  const { user_id, version, is_suspended } = data;
  const shard = feeds.sql.at(user_id);
  const before = await authors.find(shard, user_id);
  const isReturn = is_suspended
    ? before !== undefined && !before.is_suspended && before.version > version
    : before !== undefined && before.is_suspended && before.version < version;
  if (isReturn) await markFollowers(feeds, call, user_id);
  await authors.remember(shard, user_id, { version, is_suspended });
}

async function markFollowers(feeds: Newsfeed, call: Call, authorId: number): Promise<void> {
  let after = 0;
  for (let hasMore = true; hasMore;) {
    const { user_ids, has_more } = await call("graph.followerIds", { user_id: authorId, after, limit: PAGE });
    await Promise.all(feeds.sql.group(user_ids).map(({ shard, keys }) => metadata.markStale(shard, keys)));
    await feeds.timelines.invalidate(user_ids);
    after = user_ids.at(-1) ?? after;
    hasMore = has_more;
  }
}

/** Forgets a deleted account. Its posts go one by one, by their own events. */
export async function forgetUser(feeds: Newsfeed, userId: number): Promise<void> {
  // Scatters: a late page that holds this follower finds the tombstone wherever it writes.
  for (const shard of feeds.sql.shards) await shard.transaction((tx) => tombstones.buryUser(tx, userId));
  const shard = feeds.sql.at(userId);
  await shard.transaction(async (tx) => {
    await feedItems.removeAll(tx, userId);
    await metadata.remove(tx, userId);
    await hides.removeAll(tx, userId);
    await authors.remove(tx, userId);
  });
  await feeds.timelines.invalidate([userId]);
}
