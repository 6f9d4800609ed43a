import { MemorySnapshots } from "../../../mixins/redis/memory-snapshots";
import { MemoryStamps } from "../../../mixins/redis/memory-stamps";
import { MemoryTimelines } from "../../../mixins/redis/memory-timelines";
import { stampsConformance } from "./stamps.conformance";

stampsConformance("memory", () => {
  let now = 1_000;
  const clock = { now: () => now };
  const lifeMs = 15_000;
  const stamps = new MemoryStamps({ lifeMs, ...clock });
  const timelines = new MemoryTimelines({ ttlSeconds: 300, ...clock });
  const snapshots = new MemorySnapshots(timelines, stamps);
  return { stamps, timelines, snapshots, passLife: () => void (now += lifeMs + 1) };
});

describe("stamps in memory", () => {
  it("are given anew where there were too many, as if their things had changed", async () => {
    const stamps = new MemoryStamps({ max: 2 });
    const [a] = await stamps.read(["a"]);
    await stamps.read(["b", "c"]);
    expect((await stamps.read(["a"]))[0]).not.toBe(a);
  });
});
