import type { Locks } from "../../../mixins/redis/locks";

export interface LocksUnderTest {
  locks: Locks;
  /** Of the locks that are taken. */
  ttlMs: number;
  /** Lets so much time pass, for the store too. */
  pass(ms: number): Promise<void> | void;
  close?(): Promise<void> | void;
}

/** What every side of `Locks` promises. */
export function locksConformance(name: string, open: () => Promise<LocksUnderTest> | LocksUnderTest): void {
  describe(`locks in ${name}`, () => {
    let under: LocksUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close?.());

    /** Holds a lock until it is told to let go. */
    const hold = (lock: string) => {
      let letGo!: () => void;
      let taken!: () => void;
      const isTaken = new Promise<void>((resolve) => (taken = resolve));
      const done = under.locks.tryWith(lock, under.ttlMs, () => {
        taken();
        return new Promise<string>((resolve) => (letGo = () => resolve("done")));
      });
      return isTaken.then(() => ({ done, letGo }));
    };

    it("let one of many in, and the others know at once", async () => {
      const holder = await hold("one");
      const others = await Promise.all(
        Array.from({ length: 20 }, () => under.locks.tryWith("one", under.ttlMs, async () => "in")),
      );
      expect(new Set(others)).toEqual(new Set([undefined]));
      holder.letGo();
      expect(await holder.done).toBe("done");
    });

    it("open again when the work ends, also when it fails", async () => {
      const failing = under.locks.tryWith("two", under.ttlMs, () => Promise.reject(new Error("boom")));
      await expect(failing).rejects.toThrow("boom");
      expect(await under.locks.tryWith("two", under.ttlMs, async () => "in")).toBe("in");
    });

    it("know each other by name", async () => {
      const holder = await hold("three");
      expect(await under.locks.tryWith("four", under.ttlMs, async () => "in")).toBe("in");
      holder.letGo();
      await holder.done;
    });

    it("expire, and whoever lost one does not open another's", async () => {
      const lost = await hold("five");
      await under.pass(under.ttlMs + 1);
      const holder = await hold("five");
      lost.letGo();
      await lost.done;
      expect(await under.locks.tryWith("five", under.ttlMs, async () => "in")).toBeUndefined();
      holder.letGo();
      await holder.done;
      expect(await under.locks.tryWith("five", under.ttlMs, async () => "in")).toBe("in");
    });
  });
}
