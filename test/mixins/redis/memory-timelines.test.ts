import { MemoryTimelines } from "../../../mixins/redis/memory-timelines";
import { timelinesConformance } from "./timelines.conformance";

timelinesConformance("memory", () => {
  let now = 1_000;
  const ttlSeconds = 300;
  const timelines = new MemoryTimelines({ ttlSeconds, now: () => now });
  const mortal = { timelines, ttlMs: ttlSeconds * 1000, longestLifeMs: 3_600_000 };
  return { timelines, mortal, pass: (ms) => void (now += ms) };
});

describe("timelines in memory", () => {
  it("lose the least recently read when there are too many", async () => {
    const timelines = new MemoryTimelines({ ttlSeconds: 300, max: 2 });
    for (const viewerId of [1, 2]) {
      const token = await timelines.beginBuild(viewerId);
      await timelines.finishBuild(viewerId, token, { entries: [], floor_ms: null, following_version: 1 });
    }
    await timelines.page(1, undefined, 1);
    await timelines.beginBuild(3);
    expect(await timelines.page(1, undefined, 1)).toBeDefined();
    expect(await timelines.page(2, undefined, 1)).toBeUndefined();
  });
});
