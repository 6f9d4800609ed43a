import type { VersionedCache } from "../../../mixins/redis/versioned-cache";

interface Value {
  text: string;
}

export interface CacheUnderTest {
  cache: VersionedCache<Value>;
  /** Lets the life of a value pass. */
  passTtl(): Promise<void> | void;
  close?(): Promise<void> | void;
}

/** What every side of the seam promises. */
export function versionedCacheConformance(side: string, open: () => Promise<CacheUnderTest> | CacheUnderTest): void {
  describe(`the versioned cache (${side})`, () => {
    let under: CacheUnderTest;
    let cache: VersionedCache<Value>;
    beforeEach(async () => {
      under = await open();
      ({ cache } = under);
    });
    afterEach(() => under.close?.());

    it("answers what was filled, in the order asked, and undefined for the rest", async () => {
      await cache.fill("a", 1, { text: "a1" });
      await cache.fill(2, 1, { text: "two" });
      expect(await cache.getMany([2, "b", "a"])).toEqual([{ text: "two" }, undefined, { text: "a1" }]);
    });

    it("answers nothing when nothing is asked", async () => {
      expect(await cache.getMany([])).toEqual([]);
    });

    it("drops a value when a newer version is raised", async () => {
      await cache.fill("a", 1, { text: "old" });
      await cache.raise("a", 2);
      expect(await cache.getMany(["a"])).toEqual([undefined]);
    });

    it("refuses a filler that read before the change", async () => {
      await cache.raise("a", 2);
      await cache.fill("a", 1, { text: "old" });
      expect(await cache.getMany(["a"])).toEqual([undefined]);
      await cache.fill("a", 2, { text: "new" });
      expect(await cache.getMany(["a"])).toEqual([{ text: "new" }]);
    });

    it("keeps a value that is as new as what is raised", async () => {
      await cache.fill("a", 3, { text: "three" });
      await cache.raise("a", 3);
      await cache.raise("a", 2);
      expect(await cache.getMany(["a"])).toEqual([{ text: "three" }]);
    });

    it("never lowers a version, whatever order raises and fills arrive in", async () => {
      await cache.raise("a", 5);
      await cache.raise("a", 3);
      await cache.fill("a", 4, { text: "four" });
      expect(await cache.getMany(["a"])).toEqual([undefined]);
      await cache.fill("a", 6, { text: "six" });
      await cache.fill("a", 5, { text: "five" });
      expect(await cache.getMany(["a"])).toEqual([{ text: "six" }]);
    });

    it("knows versions of one id from those of another", async () => {
      await cache.raise("a", 9);
      await cache.fill("b", 1, { text: "b1" });
      expect(await cache.getMany(["a", "b"])).toEqual([undefined, { text: "b1" }]);
    });

    it("forgets a value when its life is over, also one that was read meanwhile", async () => {
      await cache.fill("a", 1, { text: "a1" });
      await cache.getMany(["a"]);
      await under.passTtl();
      expect(await cache.getMany(["a"])).toEqual([undefined]);
    });
  });
}
