import type { TimelineEntry, Timelines } from "../../../mixins/redis/timelines";

export interface TimelinesUnderTest {
  timelines: Timelines;
  /** The same, or others of the store whose lives are these. */
  mortal: { timelines: Timelines; ttlMs: number; longestLifeMs: number };
  /** Lets so much time pass, for the store too. */
  pass(ms: number): Promise<void> | void;
  close?(): Promise<void> | void;
}

const entry = (created_at_ms: number, id = created_at_ms): TimelineEntry => ({
  post_id: id.toString(16).padStart(24, "0"),
  user_id: 7,
  created_at_ms,
});
/** Newest first. */
const entries = (from: number, to: number): TimelineEntry[] =>
  Array.from({ length: from - to + 1 }, (_, i) => entry(from - i));
const times = (page: { entries: TimelineEntry[] } | undefined) => page?.entries.map((one) => one.created_at_ms);

/** What every side of `Timelines` promises. */
export function timelinesConformance(name: string, open: () => Promise<TimelinesUnderTest> | TimelinesUnderTest): void {
  describe(`timelines in ${name}`, () => {
    let under: TimelinesUnderTest;
    let timelines: Timelines;
    let alice: number;
    let people = 1_000;

    beforeAll(async () => {
      under = await open();
      timelines = under.timelines;
    });
    afterAll(() => under.close?.());
    beforeEach(() => {
      alice = people += 10;
    });

    const build = async (
      viewerId: number,
      built: TimelineEntry[],
      floor_ms: number | null = null,
      following_version = 1,
    ) => {
      const token = await timelines.beginBuild(viewerId);
      return timelines.finishBuild(viewerId, token, { entries: built, floor_ms, following_version });
    };
    const page = (viewerId: number, limit = 200) => timelines.page(viewerId, undefined, limit);

    describe("building", () => {
      it("does not take a missing timeline for an empty feed", async () => {
        expect(await page(alice)).toBeUndefined();
        expect(await build(alice, [])).toBe(true);
        expect(await page(alice)).toEqual({ entries: [], floor_ms: null, following_version: 1 });
      });

      it("shows nothing before it is finished", async () => {
        const token = await timelines.beginBuild(alice);
        await timelines.add([alice], entry(5));
        expect(await page(alice)).toBeUndefined();
        await timelines.finishBuild(alice, token, { entries: [], floor_ms: null, following_version: 1 });
        expect(times(await page(alice))).toEqual([5]);
      });

      it("keeps what is added while it runs, once, beside what was read", async () => {
        const token = await timelines.beginBuild(alice);
        await timelines.add([alice], entry(9));
        await timelines.add([alice], entry(4));
        await timelines.finishBuild(alice, token, {
          entries: [entry(8), entry(4)],
          floor_ms: null,
          following_version: 3,
        });
        expect(await page(alice)).toEqual({
          entries: [entry(9), entry(8), entry(4)],
          floor_ms: null,
          following_version: 3,
        });
      });

      it("drops what is added while it runs at or below the floor that it ends with", async () => {
        const token = await timelines.beginBuild(alice);
        for (const ms of [5, 6, 7]) await timelines.add([alice], entry(ms));
        await timelines.finishBuild(alice, token, { entries: [entry(9)], floor_ms: 6, following_version: 1 });
        expect(await page(alice)).toMatchObject({ floor_ms: 6 });
        expect(times(await page(alice))).toEqual([9, 7]);
      });

      it("keeps no entry of the floor's own millisecond, of which it may hold but a part", async () => {
        await build(alice, [entry(9), entry(6, 61), entry(6, 60)], 6);
        expect(times(await page(alice))).toEqual([9]);
      });

      it("is refused to one whose token no longer stands", async () => {
        const first = await timelines.beginBuild(alice);
        const second = await timelines.beginBuild(alice);
        expect(second).not.toBe(first);
        const built = { entries: [entry(1)], floor_ms: null, following_version: 1 };
        expect(await timelines.finishBuild(alice, first, built)).toBe(false);
        expect(await page(alice)).toBeUndefined();
        expect(await timelines.finishBuild(alice, second, built)).toBe(true);
        expect(await timelines.finishBuild(alice, second, built)).toBe(false);
        expect(times(await page(alice))).toEqual([1]);
      });

      it("is refused after the timeline was invalidated", async () => {
        const token = await timelines.beginBuild(alice);
        await timelines.invalidate([alice]);
        const built = { entries: [entry(1)], floor_ms: null, following_version: 1 };
        expect(await timelines.finishBuild(alice, token, built)).toBe(false);
        expect(await page(alice)).toBeUndefined();
      });

      it("starts from nothing, also over an open timeline", async () => {
        await build(alice, [entry(1)]);
        const token = await timelines.beginBuild(alice);
        expect(await page(alice)).toBeUndefined();
        await timelines.finishBuild(alice, token, { entries: [entry(2)], floor_ms: null, following_version: 2 });
        expect(times(await page(alice))).toEqual([2]);
      });
    });

    describe("page", () => {
      it("walks from newest to oldest, ties by id, without a gap or a repeat", async () => {
        const all = [entry(5, 51), entry(4, 49), entry(4, 48), entry(4, 47), entry(3, 52)];
        await build(alice, [...all].reverse());
        const walked: TimelineEntry[] = [];
        for (;;) {
          const found = await timelines.page(alice, walked.at(-1), 2);
          if (found === undefined || found.entries.length === 0) break;
          walked.push(...found.entries);
        }
        expect(walked).toEqual(all);
      });

      it("starts below a position that no entry has", async () => {
        await build(alice, [entry(9), entry(5)]);
        expect(times(await timelines.page(alice, entry(7), 5))).toEqual([5]);
        expect(times(await timelines.page(alice, entry(1), 5))).toEqual([]);
      });
    });

    describe("add", () => {
      it("creates no timeline", async () => {
        await timelines.add([alice], entry(1));
        expect(await page(alice)).toBeUndefined();
      });

      it("reaches each of many timelines that exist", async () => {
        await build(alice, []);
        await build(alice + 2, []);
        await timelines.add([alice, alice + 1, alice + 2], entry(4));
        expect(times(await page(alice))).toEqual([4]);
        expect(await page(alice + 1)).toBeUndefined();
        expect(times(await page(alice + 2))).toEqual([4]);
      });

      it("changes nothing when repeated", async () => {
        await build(alice, [entry(2)]);
        await timelines.add([alice], entry(3));
        await timelines.add([alice], entry(3));
        await timelines.add([alice], entry(2));
        expect(times(await page(alice))).toEqual([3, 2]);
      });

      it("adds an older post at its place where the timeline is the whole feed", async () => {
        await build(alice, [entry(9), entry(3)]);
        await timelines.add([alice], entry(5));
        expect(times(await page(alice))).toEqual([9, 5, 3]);
      });

      it("adds nothing at or below a floor, where it would hide what lies between", async () => {
        await build(alice, [entry(9)], 5);
        for (const ms of [4, 5, 6]) await timelines.add([alice], entry(ms));
        expect(times(await page(alice))).toEqual([9, 6]);
      });

      it("never holds more than 127, keeps at least 95 when trimming, and raises the floor to what it dropped", async () => {
        await build(alice, entries(96, 1));
        for (let ms = 97; ms <= 400; ms += 1) {
          await timelines.add([alice], entry(ms));
          const found = await page(alice);
          const length = found?.entries.length ?? 0;
          expect(length).toBeLessThanOrEqual(127);
          expect(length).toBeGreaterThanOrEqual(95);
          const oldest = found?.entries.at(-1)?.created_at_ms ?? 0;
          expect(found?.floor_ms ?? 0).toBe(oldest - 1);
          expect(times(found)).toEqual(times({ entries: entries(ms, oldest) }));
        }
      });

      it("counts no post twice when trimming splits a millisecond: all of it goes below the floor", async () => {
        await build(alice, []);
        for (let id = 1; id <= 60; id += 1) await timelines.add([alice], entry(1, id));
        for (let id = 101; id <= 160; id += 1) await timelines.add([alice], entry(2, id));
        for (let id = 201; id <= 208; id += 1) await timelines.add([alice], entry(3, id));
        const found = await page(alice);
        expect(found?.floor_ms).toBe(1);
        expect(found?.entries).toHaveLength(68);
      });
    });

    describe("remove", () => {
      it("takes one post out of the timelines that hold it, and no other", async () => {
        await build(alice, [entry(3, 31), entry(3, 30)]);
        await build(alice + 1, [entry(2)]);
        await timelines.remove([alice, alice + 1, alice + 2], entry(3, 30));
        expect((await page(alice))?.entries).toEqual([entry(3, 31)]);
        expect(times(await page(alice + 1))).toEqual([2]);
        expect(await page(alice + 2)).toBeUndefined();
      });
    });

    describe("life", () => {
      let [ttlMs, longestLifeMs] = [0, 0];
      beforeAll(() => {
        ({ timelines, ttlMs, longestLifeMs } = under.mortal);
      });

      it("ends when nobody reads, within the TTL", async () => {
        await build(alice, [entry(1)]);
        await under.pass(ttlMs + 1);
        expect(await page(alice)).toBeUndefined();
      });

      it("is refreshed by each read", async () => {
        await build(alice, [entry(1)]);
        for (let i = 0; i < 4; i += 1) {
          await under.pass(ttlMs / 2);
          expect(times(await page(alice))).toEqual([1]);
        }
      });

      it("is not refreshed by what is added", async () => {
        await build(alice, [entry(1)]);
        for (let i = 0; i < 4; i += 1) {
          await under.pass(ttlMs / 2);
          await timelines.add([alice], entry(2 + i));
        }
        expect(await page(alice)).toBeUndefined();
      });

      it("ends so long after it was built, however often it is read", async () => {
        await build(alice, [entry(1)]);
        const step = ttlMs / 2;
        for (let ms = step; ms < longestLifeMs; ms += step) {
          await under.pass(step);
          expect(times(await page(alice))).toEqual([1]);
        }
        await under.pass(step);
        expect(await page(alice)).toBeUndefined();
      });
    });
  });
}
