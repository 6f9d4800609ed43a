/** A post's place in a timeline. */
export interface TimelineEntry {
  post_id: string;
  /** The author: kept beside the id so that a page can be filtered without asking for its posts. */
  user_id: number;
  /** ms since 1970. */
  created_at_ms: number;
}

/** Where a page ends: the next one holds what is older. */
export type TimelinePosition = Pick<TimelineEntry, "post_id" | "created_at_ms">;

/** Null: the timeline is the whole feed. Else it holds just what is strictly newer, and deeper pages come from PostgreSQL. */
export type TimelineFloor = number | null;

export interface TimelinePage {
  /** Newest first. */
  entries: TimelineEntry[];
  floor_ms: TimelineFloor;
  /** The `following_version` that the timeline was built from. */
  following_version: number;
}

/** With the marker, one below what would end Redis' listpack. */
export const TIMELINE_MOST = 127;
/** What trimming leaves. */
export const TIMELINE_LEAST = 96;

/** A timeline is built anew at least so often, however often it is read. */
export const LONGEST_LIFE_MS = 3_600_000;
/** Lives differ by up to a tenth, so that what was built together does not end together. */
const JITTER = 0.1;

/** A life of about this length, in whole ms. */
export function lifeOf(ttlMs: number): number {
  return Math.max(1, Math.round(ttlMs * (1 - JITTER * Math.random())));
}

/** Cached newest entries of each viewer's feed (chapter 6 of docs/architecture.md). A missing timeline is not an empty feed. */
export interface Timelines {
  /** The page below `before`, or undefined where no timeline is open. Refreshes its life, for an hour at most since it was built. */
  page(viewerId: number, before: TimelinePosition | undefined, limit: number): Promise<TimelinePage | undefined>;
  /** Adds an entry to every one of these timelines that exists, also one that is being built; never creates one, never adds at or below a floor. */
  add(viewerIds: readonly number[], entry: TimelineEntry): Promise<void>;
  /** Takes a post out of these timelines. */
  remove(viewerIds: readonly number[], entry: TimelineEntry): Promise<void>;
  /** Starts an empty timeline that is not open yet, and answers its token; what `add` brings from here on is kept. */
  beginBuild(viewerId: number): Promise<string>;
  /** Adds what was read since and opens the timeline, only where this build's token still stands; false otherwise. */
  finishBuild(
    viewerId: number,
    token: string,
    built: { entries: readonly TimelineEntry[]; floor_ms: TimelineFloor; following_version: number },
  ): Promise<boolean>;
  /** Drops timelines: the next read builds them anew. */
  invalidate(viewerIds: readonly number[]): Promise<void>;
}

/** Newest first, as every list of posts: by time, then by id. */
export function byNewest(a: TimelinePosition, b: TimelinePosition): number {
  if (a.created_at_ms !== b.created_at_ms) return b.created_at_ms - a.created_at_ms;
  return a.post_id < b.post_id ? 1 : a.post_id > b.post_id ? -1 : 0;
}
