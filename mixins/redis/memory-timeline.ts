import {
  byNewest,
  TIMELINE_LEAST,
  TIMELINE_MOST,
  type TimelineEntry,
  type TimelineFloor,
  type TimelinePosition,
} from "./timelines";

/** One viewer's newest entries: what a ZSET and its marker are in Redis. */
export class MemoryTimeline {
  /** Undefined while it is being built. */
  open: { built_at: number; following_version: number } | undefined;
  /** While it is being built, that of what was trimmed meanwhile. */
  floor_ms: TimelineFloor = null;
  /** Grows with every change of what a page shows. */
  changes = 0;
  /** Newest first. */
  private entries: TimelineEntry[] = [];

  constructor(readonly token: string) {}

  below(before: TimelinePosition | undefined, limit: number): TimelineEntry[] {
    const from = before === undefined ? 0 : this.placeOf(before, 1);
    return this.entries.slice(from, from + limit);
  }

  /** What lies at or below the floor would hide the gap that is beneath it. */
  add(entry: TimelineEntry): void {
    if (this.floor_ms !== null && entry.created_at_ms <= this.floor_ms) return;
    const place = this.placeOf(entry, 0);
    if (this.entries[place]?.post_id === entry.post_id) return;
    this.entries.splice(place, 0, entry);
    this.changes += 1;
    if (this.entries.length > TIMELINE_MOST) this.trim();
  }

  remove(entry: TimelinePosition): void {
    const place = this.placeOf(entry, 0);
    if (this.entries[place]?.post_id !== entry.post_id) return;
    this.entries.splice(place, 1);
    this.changes += 1;
  }

  openWith(read: readonly TimelineEntry[], floor_ms: TimelineFloor): void {
    if (floor_ms !== null && (this.floor_ms === null || floor_ms > this.floor_ms)) this.raiseFloor(floor_ms);
    for (const entry of read) this.add(entry);
  }

  /** Several posts may be of one millisecond: those at the floor go too, so that all that is newer is here. */
  private trim(): void {
    const first = this.entries[TIMELINE_LEAST];
    if (first !== undefined) this.raiseFloor(first.created_at_ms);
  }

  private raiseFloor(floor_ms: number): void {
    this.floor_ms = floor_ms;
    this.changes += 1;
    const end = this.entries.findIndex(({ created_at_ms }) => created_at_ms <= floor_ms);
    if (end !== -1) this.entries.length = end;
  }

  /** How many entries are newer than this position; with `past` 1, how many are not older. */
  private placeOf(position: TimelinePosition, past: 0 | 1): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.entries[middle];
      if (entry !== undefined && byNewest(entry, position) < past) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
