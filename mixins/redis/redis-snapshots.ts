import type { RedisLink } from "./redis-link";
import type { RedisStamps } from "./redis-stamps";
import type { RedisTimelines } from "./redis-timelines";
import type { Snapshot, Snapshots, Taken } from "./snapshots";
import { entriesOf } from "./timeline-member";

/** The side of `Snapshots` that all nodes share. */
export class RedisSnapshots implements Snapshots {
  constructor(
    private readonly link: RedisLink,
    private readonly timelines: RedisTimelines,
    private readonly stamps: RedisStamps,
  ) {}

  take(viewerId: number, limit: number, names: readonly string[]): Promise<Taken> {
    if (this.link.isCluster) return this.takeFromMany(viewerId, limit, names);
    const keys = [this.timelines.key(viewerId), ...names.map((name) => this.link.key(name))];
    const args = [limit, ...this.timelines.lives(), ...this.stamps.fresh()];
    const asked = this.link.ask("", () => this.link.run("feedSnapshot", keys, args));
    return asked.then((text) => (text === "" ? undefined : new OfText(text as string)));
  }

  /** The keys lie on several nodes of a Cluster: as many questions, side by side. */
  private async takeFromMany(viewerId: number, limit: number, names: readonly string[]) {
    const [page, stamps] = await Promise.all([
      this.timelines.page(viewerId, undefined, limit),
      this.stamps.read(names),
    ]);
    if (page === undefined || stamps === undefined) return undefined;
    return { mark: JSON.stringify([page, stamps]), page, stamps };
  }
}

/** Taken apart only where something changed. */
class OfText implements Snapshot {
  constructor(readonly mark: string) {}

  get page(): Snapshot["page"] {
    const [floor = "", version, members = ""] = this.mark.split("\n");
    return {
      entries: members === "" ? [] : entriesOf(members.split(",")),
      floor_ms: floor === "" ? null : Number(floor),
      following_version: Number(version),
    };
  }

  get stamps(): string[] {
    const stamps = this.mark.slice(this.mark.lastIndexOf("\n") + 1);
    return stamps === "" ? [] : stamps.split(" ");
  }
}
