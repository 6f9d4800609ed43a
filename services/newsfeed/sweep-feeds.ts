import type { Shard } from "../../mixins/postgres";
import type { Asking, Newsfeed } from "./newsfeed-store";
import * as feedItems from "./feed-items.repository";
import * as metadata from "./feed-metadata.repository";
import { rebuildFeed } from "./rebuild-feed";
import * as tombstones from "./tombstones.repository";

/** Feeds looked at in one round on one shard. */
const FEEDS_A_ROUND = 200;
/** A feed is trimmed when it has grown half over what it shows: each trim costs a rebuild. */
const OVERGROWN = 1.5;

/** Where the last round came to, by shard. */
export type SweptTo = Map<number, number>;

/** One round: trims overgrown feeds, removes rows of former followers and of what was deleted. Answers true when all feeds were seen. */
export async function sweepFeeds(
  feeds: Newsfeed,
  askingAs: (viewerId: number) => Asking,
  sweptTo: SweptTo,
): Promise<boolean> {
  await tombstones.forgetOld(feeds.sql);
  let isThrough = true;
  // Scatters: each shard's feeds are swept by one node at a time.
  for (const shard of feeds.sql.shards) {
    const isEnd = await shard.withLock("newsfeed.sweep", () => sweepShard(feeds, askingAs, shard, sweptTo));
    if (isEnd === false) isThrough = false;
  }
  return isThrough;
}

async function sweepShard(
  feeds: Newsfeed,
  askingAs: (viewerId: number) => Asking,
  shard: Shard,
  sweptTo: SweptTo,
): Promise<boolean> {
  const most = Math.ceil(feeds.maxItems * OVERGROWN);
  const found = await feedItems.nextFeeds(shard, sweptTo.get(shard.index) ?? 0, FEEDS_A_ROUND, most + 1);
  for (const { user_id, items } of found) {
    if (await tombstones.isUserGone(shard, user_id)) await feedItems.removeAll(shard, user_id);
    else if (items > most) await rebuildFeed(feeds, askingAs(user_id));
    else await removeStrays(feeds, askingAs(user_id), shard, user_id);
    sweptTo.set(shard.index, user_id);
  }
  const isEnd = found.length < FEEDS_A_ROUND;
  if (isEnd) sweptTo.delete(shard.index);
  return isEnd;
}

/** A feed that was built from newer follows than these is left to the next round. */
async function removeStrays(feeds: Newsfeed, { call }: Asking, shard: Shard, viewerId: number): Promise<void> {
  const sources = await feeds.sources.of(call, viewerId);
  await shard.transaction(async (tx) => {
    const state = await metadata.lock(tx, viewerId);
    if (state !== undefined && state.following_version > sources.following_version) return;
    await feedItems.removeStrays(tx, viewerId, sources.user_ids, state?.floor);
  });
}
