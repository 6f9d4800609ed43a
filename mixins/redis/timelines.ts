/** A post's place in a timeline. */
export interface TimelineEntry {
  post_id: string;
  /** The author: kept beside the id so that a page can be filtered without asking for its posts. */
  user_id: number;
  /** ms since 1970. */
  created_at_ms: number;
}

export interface TimelinePage {
  /** Newest first. */
  entries: TimelineEntry[];
  /** True when the cached timeline is the whole feed: nothing older exists anywhere. */
  is_all: boolean;
  /** Entries at or before this are not in the cache: deeper pages come from PostgreSQL. 0 with `is_all`. */
  floor_ms: number;
  /** The `following_version` that the timeline was built from. */
  following_version: number;
}

/** Cached newest entries of each viewer's feed (chapter 6 of docs/architecture.md). A missing timeline is not an empty feed. */
export interface Timelines {
  /** The page below `before`, or undefined where no complete timeline is cached. Refreshes its life. */
  page(
    viewerId: number,
    before: { created_at_ms: number; post_id: string } | undefined,
    limit: number,
  ): Promise<TimelinePage | undefined>;
  /** Adds an entry to every one of these timelines that exists, also one that is being built; never creates one, never adds at or below a floor. */
  add(viewerIds: readonly number[], entry: TimelineEntry): Promise<void>;
  /** Takes a post out of these timelines. */
  remove(viewerIds: readonly number[], postId: string): Promise<void>;
  /** Marks a timeline as being built and answers a token; what `add` brings from here on is kept. */
  beginBuild(viewerId: number): Promise<string>;
  /** Adds the rows read since and opens the timeline to readers, only where this build's token still stands; false otherwise. */
  finishBuild(
    viewerId: number,
    token: string,
    built: { entries: TimelineEntry[]; is_all: boolean; following_version: number },
  ): Promise<boolean>;
  /** Drops timelines: the next read builds them anew. */
  invalidate(viewerIds: readonly number[]): Promise<void>;
}
