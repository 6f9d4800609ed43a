import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
import { MemoryTimeline } from "./memory-timeline";
import {
  lifeOf,
  LONGEST_LIFE_MS,
  type TimelineEntry,
  type TimelinePage,
  type TimelinePosition,
  type Timelines,
} from "./timelines";

export interface MemoryTimelinesOptions {
  ttlSeconds: number;
  /** Timelines kept; the least recently read go first. */
  max?: number;
  now?: () => number;
}

/** The side of `Timelines` for one process. */
export class MemoryTimelines implements Timelines {
  private readonly timelines: LRUCache<number, MemoryTimeline>;
  private readonly ttlMs: number;
  private readonly now: () => number;

  constructor({ ttlSeconds, max = 5_000, now = () => performance.now() }: MemoryTimelinesOptions) {
    this.ttlMs = ttlSeconds * 1000;
    this.now = now;
    this.timelines = new LRUCache({ max, ttl: this.ttlMs, ttlResolution: 0, perf: { now } });
  }

  async page(viewerId: number, before: TimelinePosition | undefined, limit: number): Promise<TimelinePage | undefined> {
    const timeline = this.openOf(viewerId);
    if (timeline?.open === undefined) return undefined;
    const { following_version } = timeline.open;
    return { entries: timeline.below(before, limit), floor_ms: timeline.floor_ms, following_version };
  }

  /** The timeline where one is open. Refreshes its life. */
  openOf(viewerId: number): MemoryTimeline | undefined {
    const timeline = this.timelines.get(viewerId);
    if (timeline?.open === undefined) return undefined;
    if (this.now() - timeline.open.built_at >= LONGEST_LIFE_MS) {
      this.timelines.delete(viewerId);
      return undefined;
    }
    this.timelines.set(viewerId, timeline, { ttl: lifeOf(this.ttlMs) });
    return timeline;
  }

  async add(viewerIds: readonly number[], entry: TimelineEntry): Promise<void> {
    for (const viewerId of viewerIds) this.timelines.peek(viewerId)?.add(entry);
  }

  async remove(viewerIds: readonly number[], entry: TimelineEntry): Promise<void> {
    for (const viewerId of viewerIds) this.timelines.peek(viewerId)?.remove(entry);
  }

  async beginBuild(viewerId: number): Promise<string> {
    const token = randomBytes(8).toString("hex");
    this.timelines.set(viewerId, new MemoryTimeline(token), { ttl: lifeOf(this.ttlMs) });
    return token;
  }

  async finishBuild(viewerId: number, token: string, built: Parameters<Timelines["finishBuild"]>[2]): Promise<boolean> {
    const timeline = this.timelines.peek(viewerId);
    if (timeline?.token !== token || timeline.open !== undefined) return false;
    timeline.openWith(built.entries, built.floor_ms);
    timeline.open = { built_at: this.now(), following_version: built.following_version };
    this.timelines.set(viewerId, timeline, { ttl: lifeOf(this.ttlMs) });
    return true;
  }

  async invalidate(viewerIds: readonly number[]): Promise<void> {
    for (const viewerId of viewerIds) this.timelines.delete(viewerId);
  }
}
