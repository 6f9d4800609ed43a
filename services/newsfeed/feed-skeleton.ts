import { byNewest, type TimelineEntry, type TimelinePosition } from "../../mixins/redis";
import { newestPosts } from "./compose-feed";
import * as feedItems from "./feed-items.repository";
import * as metadata from "./feed-metadata.repository";
import type { Sources } from "./feed-sources";
import { mergeNewest } from "./merge-newest";
import type { Asking, Newsfeed } from "./newsfeed-store";
import { freshen, openTimeline } from "./open-feed";
import { newestPulled } from "./pulled-cache";

/** Sorts after every post of its millisecond. */
const AFTER_ALL_IDS = "g";

interface Pushed {
  entries: TimelineEntry[];
  /** Where the stored feed ends though older posts may exist. Undefined: it is whole. */
  floor: TimelinePosition | undefined;
}

/** The next entries of a feed, newest first, unfiltered; fewer than asked for only at its end. */
export async function feedSkeleton(
  feeds: Newsfeed,
  asking: Asking,
  sources: Sources,
  before: TimelinePosition | undefined,
  limit: number,
): Promise<TimelineEntry[]> {
  const [pushed, pulled] = await Promise.all([
    pushedEntries(feeds, asking, sources, before, limit),
    newestPulled(feeds, sources, before, limit),
  ]);
  const { entries } = pushed;
  const floor = entries.length < limit ? pushed.floor : undefined;
  // What is pulled and below the floor waits until the pushed posts around it are known too.
  const above = floor ? pulled.filter((entry) => byNewest(entry, floor) <= 0) : pulled;
  const merged = mergeNewest([entries, above], limit);
  if (merged.length === limit || floor === undefined) return merged;
  const from = before && byNewest(before, floor) > 0 ? before : floor;
  return [...merged, ...(await deeperEntries(feeds, asking, sources, from, limit - merged.length))];
}

/** From the cache, and below what it holds from PostgreSQL. */
async function pushedEntries(
  feeds: Newsfeed,
  asking: Asking,
  { following_version }: Sources,
  before: TimelinePosition | undefined,
  limit: number,
): Promise<Pushed> {
  const cached = await feeds.timelines.page(asking.meta.viewer.id, before, limit);
  if (cached === undefined || cached.following_version < following_version) {
    feeds.figures.countCache("miss");
    await openTimeline(feeds, asking, following_version);
    return storedEntries(feeds, asking, following_version, before, limit);
  }
  feeds.figures.countCache("hit");
  const { entries, floor_ms } = cached;
  if (entries.length === limit || floor_ms === null) return { entries, floor: undefined };
  const edge = { created_at_ms: floor_ms, post_id: AFTER_ALL_IDS };
  const from = before && byNewest(before, edge) > 0 ? before : edge;
  const stored = await storedEntries(feeds, asking, following_version, from, limit - entries.length);
  return { entries: [...entries, ...stored.entries], floor: stored.floor };
}

async function storedEntries(
  feeds: Newsfeed,
  asking: Asking,
  followingVersion: number,
  before: TimelinePosition | undefined,
  limit: number,
): Promise<Pushed> {
  const viewerId = asking.meta.viewer.id;
  const read = () => feedItems.window(feeds.sql.at(viewerId), viewerId, before, limit);
  let window = await read();
  if (!metadata.isFresh(window.state, followingVersion)) {
    await freshen(feeds, asking, followingVersion);
    window = await read();
  }
  return { entries: window.entries, floor: window.state?.floor };
}

/** Below the floor: straight from posts. A trimmed feed of which so much is gone is built anew for the next reader. */
async function deeperEntries(
  feeds: Newsfeed,
  asking: Asking,
  sources: Sources,
  before: TimelinePosition,
  limit: number,
): Promise<TimelineEntry[]> {
  const entries = await newestPosts(asking.call, sources.user_ids, before, limit);
  const viewerId = asking.meta.viewer.id;
  if (entries.length > 0) await metadata.markStale(feeds.sql.at(viewerId), [viewerId]);
  return entries;
}
