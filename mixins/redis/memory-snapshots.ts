import type { MemoryStamps } from "./memory-stamps";
import type { MemoryTimelines } from "./memory-timelines";
import type { Snapshots, Taken } from "./snapshots";

/** The side of `Snapshots` for one process. */
export class MemorySnapshots implements Snapshots {
  constructor(
    private readonly timelines: MemoryTimelines,
    private readonly stamps: MemoryStamps,
  ) {}

  take(viewerId: number, limit: number, names: readonly string[]): Taken {
    const timeline = this.timelines.openOf(viewerId);
    if (timeline?.open === undefined) return undefined;
    const { following_version } = timeline.open;
    const stamps = this.stamps.readNow(names);
    return {
      mark: `${timeline.token}:${timeline.changes} ${stamps.join(" ")}`,
      get page() {
        return { entries: timeline.below(undefined, limit), floor_ms: timeline.floor_ms, following_version };
      },
      stamps,
    };
  }
}
