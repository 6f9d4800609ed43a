import type { Snapshots } from "../../../mixins/redis/snapshots";
import type { Stamps } from "../../../mixins/redis/stamps";
import type { TimelineEntry, Timelines } from "../../../mixins/redis/timelines";

export interface StampsUnderTest {
  stamps: Stamps;
  timelines: Timelines;
  snapshots: Snapshots;
  /** Lets the life of a stamp pass. */
  passLife(): Promise<void> | void;
  close?(): Promise<void> | void;
}

const entry = (at: number): TimelineEntry => ({
  post_id: at.toString(16).padStart(24, "0"),
  user_id: 7,
  created_at_ms: 1_700_000_000_000 + at,
});

/** What every side of the seam promises. */
export function stampsConformance(side: string, open: () => Promise<StampsUnderTest> | StampsUnderTest): void {
  let under: StampsUnderTest;
  beforeEach(async () => {
    under = await open();
  });
  afterEach(() => under.close?.());

  describe(`stamps (${side})`, () => {
    it("stay the same while nobody takes them away, in the order asked", async () => {
      const [a, b] = (await under.stamps.read(["stamp:a", "stamp:b"]))!;
      expect(await under.stamps.read(["stamp:b", "stamp:c", "stamp:a"])).toEqual([b, expect.any(String), a]);
    });

    it("are others after a change, and never one that was there before", async () => {
      const seen = new Set<string>();
      for (let i = 0; i < 20; i += 1) {
        const [a, b] = (await under.stamps.read(["stamp:a", "stamp:b"]))!;
        expect(seen).not.toContain(a);
        seen.add(a!);
        await under.stamps.touch(["stamp:a", "stamp:none"]);
        expect((await under.stamps.read(["stamp:b"]))![0]).toBe(b);
      }
    });

    it("are the same for all who ask at once", async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, () => under.stamps.read(["stamp:a", "stamp:b"])));
      expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    });

    it("end with their life, however often they are read", async () => {
      const before = await under.stamps.read(["stamp:a"]);
      await under.passLife();
      expect(await under.stamps.read(["stamp:a"])).not.toEqual(before);
    });

    it("cost nothing where none are asked for", async () => {
      expect(await under.stamps.read([])).toEqual([]);
      await under.stamps.touch([]);
    });
  });

  describe(`snapshots (${side})`, () => {
    const names = ["stamp:a", "stamp:b"];
    const build = async (entries: TimelineEntry[], floor_ms: number | null = null) => {
      const token = await under.timelines.beginBuild(1);
      await under.timelines.finishBuild(1, token, { entries, floor_ms, following_version: 3 });
    };

    it("hold the page and the stamps, under one mark as long as nothing changed", async () => {
      await build([entry(3), entry(2), entry(1)], entry(0).created_at_ms);
      const [first, second] = [await under.snapshots.take(1, 2, names), await under.snapshots.take(1, 2, names)];
      expect(first!.page).toEqual(await under.timelines.page(1, undefined, 2));
      expect(first!.stamps).toEqual(await under.stamps.read(names));
      expect(second!.mark).toBe(first!.mark);
    });

    it("have another mark after whatever changes the page or one of the stamps", async () => {
      await build([entry(3), entry(2)]);
      const marks = new Set<string>();
      const changes = [
        () => undefined,
        () => under.timelines.add([1], entry(4)),
        () => under.timelines.remove([1], entry(3)),
        () => under.stamps.touch(["stamp:b"]),
        () => build([entry(4)]),
        () => build([]),
      ];
      for (const [i, change] of changes.entries()) {
        await change();
        marks.add((await under.snapshots.take(1, 2, names))!.mark);
        expect(marks.size).toBe(i + 1);
      }
    });

    it("are of an empty page, and of no stamps, too", async () => {
      await build([]);
      const taken = (await under.snapshots.take(1, 2, []))!;
      expect(taken.page).toEqual({ entries: [], floor_ms: null, following_version: 3 });
      expect(taken.stamps).toEqual([]);
    });

    it("are none where no timeline is open", async () => {
      expect(await under.snapshots.take(1, 2, names)).toBeUndefined();
      await under.timelines.beginBuild(1);
      expect(await under.snapshots.take(1, 2, names)).toBeUndefined();
    });
  });
}
