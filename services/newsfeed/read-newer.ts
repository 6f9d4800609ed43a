import { byNewest, type TimelinePosition } from "../../mixins/redis";
import type { Post } from "../posts/posts.contract";
import * as repository from "./arrivals.repository";
import type { Arrival, Wanted } from "./arrivals.repository";
import { isFresh } from "./feed-metadata.repository";
import { decodePosition, encodePosition, type FeedPosition, type Seen } from "./feed-position";
import { feedSkeleton } from "./feed-skeleton";
import type { Sources } from "./feed-sources";
import { mergeNewest } from "./merge-newest";
import type { Asking, Newsfeed } from "./newsfeed-store";
import { freshen } from "./open-feed";
import { followedPulled } from "./pulled-cache";
import { belonging, hydrate } from "./read-feed";
import { toldBefore } from "./told-before";

/** What comes later than so is no news: it is in the feed, and not told of. */
const LATEST_MS = 6 * 3_600_000;
/** Sorts after every post of its millisecond. */
const AFTER_ALL_IDS = "g";

export interface NewerPage {
  /** In the order of telling: what came late first, then the rest, each from its oldest. */
  entries: { position: string; post: Post }[];
  position: string;
  has_more: boolean;
}

/** What came into the viewer's feed since a position. Without one, where the feed stands now. */
export async function readNewer(
  feeds: Newsfeed,
  asking: Asking,
  { position, limit }: { position?: string | undefined; limit: number },
): Promise<NewerPage> {
  const sources = await feeds.sources.of(asking.call, asking.meta.viewer.id);
  if (position === undefined) return startNow(feeds, asking, sources);
  const { steps, end, isAll } = await stepsFrom(feeds, asking, sources, decodePosition(position));
  const page = steps.slice(0, limit);
  const isCut = steps.length > page.length;
  const positions = new Map(page.map(({ entry, after }) => [entry.post_id, encodePosition(after)]));
  const kept = await belonging(
    feeds,
    asking,
    sources,
    page.map(({ entry }) => entry),
  );
  const posts = await hydrate(asking, kept);
  return {
    entries: posts.map((post) => ({ position: positions.get(post.id)!, post })),
    position: encodePosition(isCut ? page.at(-1)!.after : end),
    has_more: isCut || !isAll,
  };
}

/** Ids of the newest posts of the viewer's feed, without asking whether they may still be seen. */
export async function newestIds(feeds: Newsfeed, asking: Asking, limit: number): Promise<string[]> {
  const sources = await feeds.sources.of(asking.call, asking.meta.viewer.id);
  const skeleton = await feedSkeleton(feeds, asking, sources, undefined, limit);
  return (await belonging(feeds, asking, sources, skeleton)).map(({ post_id }) => post_id);
}

async function startNow(feeds: Newsfeed, asking: Asking, sources: Sources): Promise<NewerPage> {
  const upTo = { created_at_ms: Date.now(), post_id: AFTER_ALL_IDS };
  const { seen } = await arrivals(feeds, asking, sources, { upTo, seen: {} }, 0);
  return { entries: [], position: encodePosition({ upTo, seen }), has_more: false };
}

/** A post to tell of, and what its reader was told when they have it. */
interface Step {
  entry: Arrival;
  after: FeedPosition;
}

interface Walk {
  /** In order. */
  steps: Step[];
  /** Where a reader stands after them. */
  end: FeedPosition;
  /** False where what came since was not looked at. */
  isAll: boolean;
}

/** What a reader at this position was not told. */
async function stepsFrom(feeds: Newsfeed, asking: Asking, sources: Sources, from: FeedPosition): Promise<Walk> {
  const { upTo, seen, late } = from;
  const found = await arrivals(feeds, asking, sources, from);
  const isLate = (entry: Arrival) => byNewest(entry, upTo) >= 0;
  if (late !== undefined) {
    // What was being told goes on as of the snapshot in which it began.
    const rest = found.entries.filter(
      (entry) => isLate(entry) && entry.was_there_then && byNewest(entry, late.upTo) < 0,
    );
    const end = { upTo, seen: late.seen };
    if (rest.length === 0) return stepsFrom(feeds, asking, sources, end);
    const steps = rest.map((entry) => ({ entry, after: { ...from, late: { ...late, upTo: placeOf(entry) } } }));
    return { steps, end, isAll: false };
  }
  const now: Seen = { ...seen, ...found.seen };
  const steps = found.entries.map((entry) => {
    const place = placeOf(entry);
    const after = isLate(entry) ? { upTo, seen, late: { upTo: place, seen: now } } : { upTo: place, seen: now };
    return { entry, after };
  });
  const newest = found.entries.at(-1);
  const end = { upTo: newest === undefined || isLate(newest) ? upTo : placeOf(newest), seen: now };
  return { steps, end, isAll: true };
}

function placeOf({ created_at_ms, post_id }: Arrival): TimelinePosition {
  return { created_at_ms, post_id };
}

/** What the position does not cover, oldest first, and the snapshots that it was read in. From a feed that is fresh. */
async function arrivals(
  feeds: Newsfeed,
  asking: Asking,
  sources: Sources,
  { upTo, seen, late }: FeedPosition,
  latestMs = LATEST_MS,
): Promise<{ entries: Arrival[]; seen: Seen }> {
  const viewerId = asking.meta.viewer.id;
  const since = new Date(Math.max(0, upTo.created_at_ms - latestMs));
  const wanted = (place: string): Wanted => {
    return { upTo, since, seen: seen[place], then: late?.seen[place], limit: feeds.maxItems };
  };
  const read = () => repository.pushed(feeds.sql.at(viewerId), viewerId, wanted("own"));
  let pushed = await read();
  if (!isFresh(pushed?.state, sources.following_version)) {
    await freshen(feeds, asking, sources.following_version);
    pushed = await read();
  }
  const authors = await followedPulled(feeds, sources);
  const pulled = await repository.pulledOf(feeds.sql, authors, (shard) => wanted(String(shard)));
  const lists = [...(pushed === undefined ? [] : [pushed]), ...pulled].map(({ entries }) => entries);
  const merged = mergeNewest(lists, feeds.maxItems);
  const told = await toldBefore(
    feeds,
    viewerId,
    merged.filter((entry) => byNewest(entry, upTo) >= 0),
    seen,
  );
  return {
    entries: merged.filter(({ post_id }) => !told.has(post_id)).reverse(),
    seen: {
      ...(pushed === undefined ? {} : { own: pushed.snapshot }),
      ...Object.fromEntries(pulled.map(({ shard, snapshot }) => [String(shard), snapshot])),
    },
  };
}
