import { randomBytes } from "node:crypto";
import { failpoint } from "../failpoint";
import type { RedisLink } from "./redis-link";
import { entriesOf, memberIdOf, memberOf } from "./timeline-member";
import {
  lifeOf,
  LONGEST_LIFE_MS,
  type TimelineEntry,
  type TimelinePage,
  type TimelinePosition,
  type Timelines,
} from "./timelines";

export interface RedisTimelinesOptions {
  ttlSeconds: number;
  longestLifeMs?: number;
}

/**
 * The side of `Timelines` that all nodes share: `feed:<viewer>`. While Redis is absent there is no timeline, and whoever must change
 * one is told so.
 */
export class RedisTimelines implements Timelines {
  private readonly ttlMs: number;
  private readonly longestLifeMs: number;

  constructor(
    private readonly link: RedisLink,
    { ttlSeconds, longestLifeMs = LONGEST_LIFE_MS }: RedisTimelinesOptions,
  ) {
    this.ttlMs = ttlSeconds * 1000;
    this.longestLifeMs = longestLifeMs;
  }

  async page(viewerId: number, before: TimelinePosition | undefined, limit: number): Promise<TimelinePage | undefined> {
    const args = [before?.created_at_ms ?? "", before ? memberIdOf(before.post_id) : "", limit, ...this.lives()];
    const answer = await this.link.ask(null, () => this.link.run("timelinePage", this.keys([viewerId]), args));
    if (answer === null) return undefined;
    const [floor, version, members] = answer as [string, string, string[]];
    return {
      entries: entriesOf(members),
      floor_ms: floor === "" ? null : Number(floor),
      following_version: Number(version),
    };
  }

  async add(viewerIds: readonly number[], entry: TimelineEntry): Promise<void> {
    await this.link.runOverAll("timelineAdd", this.keys(viewerIds), [entry.created_at_ms, memberOf(entry)]);
  }

  async remove(viewerIds: readonly number[], entry: TimelineEntry): Promise<void> {
    await this.link.runOverAll("timelineRemove", this.keys(viewerIds), [memberOf(entry)]);
  }

  /** A build that could not begin cannot finish either. */
  async beginBuild(viewerId: number): Promise<string> {
    const token = randomBytes(8).toString("hex");
    const args = [token, lifeOf(this.ttlMs)];
    await this.link.ask(null, () => this.link.run("timelineBegin", this.keys([viewerId]), args));
    await failpoint("timelines.building");
    return token;
  }

  async finishBuild(viewerId: number, token: string, built: Parameters<Timelines["finishBuild"]>[2]): Promise<boolean> {
    const entries = built.entries.flatMap((entry) => [entry.created_at_ms, memberOf(entry)]);
    const args = [token, built.floor_ms ?? "", built.following_version, lifeOf(this.ttlMs), ...entries];
    return (await this.link.ask(0, () => this.link.run("timelineFinish", this.keys([viewerId]), args))) === 1;
  }

  async invalidate(viewerIds: readonly number[]): Promise<void> {
    await this.link.runOverAll("timelineDrop", this.keys(viewerIds), []);
  }

  key(viewerId: number): string {
    return this.link.key(`feed:${viewerId}`);
  }

  /** How long one that is read goes on living, and how long at most since it was built. */
  lives(): [number, number] {
    return [lifeOf(this.ttlMs), this.longestLifeMs];
  }

  private keys(viewerIds: readonly number[]): string[] {
    return viewerIds.map((viewerId) => this.key(viewerId));
  }
}
