import { composeFeed } from "./compose-feed";
import * as feedItems from "./feed-items.repository";
import * as metadata from "./feed-metadata.repository";
import { isFresh } from "./feed-metadata.repository";
import type { FeedMetadata } from "./newsfeed.contract";
import type { Asking, Newsfeed } from "./newsfeed-store";
import { dropTimeline, freshen } from "./open-feed";

/** How the viewer's feed stands. What it would show is counted now, for fan-out counts nothing. */
export async function describeFeed(feeds: Newsfeed, asking: Asking): Promise<FeedMetadata> {
  const user_id = asking.meta.viewer.id;
  const shard = feeds.sql.at(user_id);
  const sources = await feeds.sources.of(asking.call, user_id);
  const [state, arrival, { entries }] = await Promise.all([
    metadata.find(shard, user_id),
    feedItems.newestArrival(shard, user_id),
    composeFeed(feeds, asking, sources),
  ]);
  await metadata.countItems(shard, user_id, entries.length);
  const built = state?.last_updated ?? null;
  // What was pushed into a feed that nobody built is no feed yet.
  const updated = built !== null && arrival !== null && arrival > built ? arrival : built;
  return {
    user_id,
    total_items: entries.length,
    last_updated: updated?.toISOString() ?? null,
    is_stale: !isFresh(state, sources.following_version),
  };
}

/** Computes the viewer's feed anew whatever its state; of many who ask at once one does it. */
export async function rebuildNow(feeds: Newsfeed, asking: Asking): Promise<FeedMetadata> {
  const viewerId = asking.meta.viewer.id;
  await metadata.markStale(feeds.sql.at(viewerId), [viewerId]);
  const { following_version } = await feeds.sources.of(asking.call, viewerId);
  await freshen(feeds, asking, following_version);
  await dropTimeline(feeds, viewerId);
  return describeFeed(feeds, asking);
}
