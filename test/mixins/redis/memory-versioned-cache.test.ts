import { MemoryVersionedCache } from "../../../mixins/redis/memory-versioned-cache";
import { versionedCacheConformance } from "./versioned-cache.conformance";

const TTL_MS = 30_000;

versionedCacheConformance("memory", () => {
  let now = 1_000;
  const cache = new MemoryVersionedCache<{ text: string }>({ ttlMs: TTL_MS, now: () => now });
  return { cache, passTtl: () => void (now += TTL_MS + 1) };
});

describe("the versioned cache in memory", () => {
  it("holds no more values than its limit, and loses the least recently used first", async () => {
    const cache = new MemoryVersionedCache<string>({ max: 2 });
    await cache.fill("a", 1, "a");
    await cache.fill("b", 1, "b");
    await cache.getMany(["a"]);
    await cache.fill("c", 1, "c");
    expect(await cache.getMany(["a", "b", "c"])).toEqual(["a", undefined, "c"]);
  });

  it("refuses an old filler even when many others were filled since the change", async () => {
    const cache = new MemoryVersionedCache<string>({ max: 2 });
    await cache.raise("a", 2);
    for (const id of ["b", "c", "d"]) await cache.fill(id, 1, id);
    await cache.fill("a", 1, "old");
    expect(await cache.getMany(["a"])).toEqual([undefined]);
  });
});
