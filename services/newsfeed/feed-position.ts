import { decodeCursor, encodeCursor } from "../../lib/cursor";
import { BadCursorError } from "../../lib/errors";
import { isSnapshot } from "../../mixins/postgres/snapshot";
import type { TimelinePosition } from "../../mixins/redis";

/** Snapshots of PostgreSQL by where they were taken: `own`, of the viewer's feed_items, and of pulled_posts by shard. */
export type Seen = Readonly<Record<string, string>>;

/**
 * What a reader was told: exactly the posts of the feed at or below `upTo` that `seen` shows. Posts do not arrive in the order of
 * their times: one that comes late lies below `upTo` and is in no snapshot that was taken before.
 */
export interface FeedPosition {
  upTo: TimelinePosition;
  seen: Seen;
  /** While late ones are being told: also those at or below this that these snapshots show. */
  late?: { upTo: TimelinePosition; seen: Seen };
}

const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");
const MOST_SHARDS = 1_000;

export function encodePosition({ upTo, seen, late }: FeedPosition): string {
  return encodeCursor([...parts(upTo, seen), ...(late === undefined ? [] : parts(late.upTo, late.seen))]);
}

/** @throws {BadCursorError} for what `encodePosition` cannot have made. */
export function decodePosition(text: string): FeedPosition {
  const one = ["number", "string", "string"] as const;
  try {
    const [ms, post_id, seen] = decodeCursor(text, one);
    return { upTo: positionOf(ms, post_id), seen: seenOf(seen) };
  } catch (error) {
    if (!(error instanceof BadCursorError)) throw error;
    const [ms, post_id, seen, lateMs, latePostId, lateSeen] = decodeCursor(text, [...one, ...one]);
    const late = { upTo: positionOf(lateMs, latePostId), seen: seenOf(lateSeen) };
    return { upTo: positionOf(ms, post_id), seen: seenOf(seen), late };
  }
}

function parts({ created_at_ms, post_id }: TimelinePosition, seen: Seen): [number, string, string] {
  const snapshots = Object.entries(seen).map(([place, snapshot]) => `${place}=${snapshot}`);
  return [created_at_ms, post_id, snapshots.join(";")];
}

function positionOf(created_at_ms: number, post_id: string): TimelinePosition {
  const isTime = Number.isInteger(created_at_ms) && created_at_ms >= 0 && created_at_ms <= LAST_MS;
  if (!isTime || !/^([0-9a-f]{24}|g)$/.test(post_id)) throw new BadCursorError();
  return { created_at_ms, post_id };
}

function seenOf(text: string): Seen {
  const entries = text === "" ? [] : text.split(";").map((entry) => entry.split("="));
  for (const [place = "", snapshot = "", ...more] of entries) {
    const isPlace = place === "own" || (/^\d{1,4}$/.test(place) && Number(place) < MOST_SHARDS);
    if (!isPlace || !isSnapshot(snapshot) || more.length > 0) throw new BadCursorError();
  }
  return Object.fromEntries(entries) as Seen;
}
