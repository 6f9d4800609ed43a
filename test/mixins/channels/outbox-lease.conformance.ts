import { setTimeout as sleep } from "node:timers/promises";
import { type LeaseDocument, LeaseLostError, OutboxLease } from "../../../mixins/channels/outbox-lease";
import type { CollectionSpec, DocumentStore } from "../../../mixins/documents";

export const leaseCollections: Record<string, CollectionSpec> = { leases: { indexes: [] }, orders: { indexes: [] } };

const times = { leaseMs: 1_000, lingerMs: 40 };

/** What a lease promises on every store of documents. `open` answers an empty one with `leaseCollections`. */
export function describeOutboxLease(
  where: string,
  open: () => Promise<{ store: DocumentStore; close: () => Promise<void> }>,
): void {
  describe(`a lease on an outbox in ${where}`, () => {
    let store: DocumentStore;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ store, close } = await open());
    });
    afterEach(() => close());

    const newLease = (lingerMs = times.lingerMs) => new OutboxLease(store, "outbox", { ...times, lingerMs });
    const stored = () => store.get<LeaseDocument>("leases", "outbox");
    const writeUnder = (lease: OutboxLease, id: string) =>
      store.transaction(async (tx) => {
        await lease.checkIn(tx);
        await tx.insert("orders", { _id: id });
      });

    /** Begins to hold a lease, and answers how to end that. */
    async function begin(lease: OutboxLease): Promise<() => Promise<void>> {
      let end!: () => void;
      const ended = new Promise<void>((resolve) => (end = resolve));
      let turn!: Promise<boolean | undefined>;
      await new Promise<void>((begun) => {
        turn = lease.hold(async () => {
          begun();
          await ended;
          return true;
        });
      });
      return async () => {
        end();
        await turn;
      };
    }

    it("is had by one of many who want it at once", async () => {
      let holders = 0;
      let most = 0;
      const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
          newLease().hold(async () => {
            most = Math.max(most, ++holders);
            await sleep(100);
            return --holders;
          }),
        ),
      );
      expect(most).toBe(1);
      expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
    });

    it("is refused at once and without a write while somebody has it, and had right after its turn", async () => {
      const [mine, other] = [newLease(), newLease()];
      const end = await begin(mine);
      const before = await stored();
      expect(await other.hold(async () => true)).toBeUndefined();
      expect(await stored()).toEqual(before);

      await end();
      await mine.release();
      expect(await other.hold(async () => true)).toBe(true);
      expect((await stored())?.token).toBe(2);
      await other.release();
    });

    it("is kept for a moment without a write, for the next turn comes soon, and then let go by itself", async () => {
      const [mine, other] = [newLease(), newLease()];
      await mine.hold(async () => true);
      const before = await stored();
      await mine.hold(async () => true);
      expect(await stored()).toEqual(before);

      await sleep(times.lingerMs + 150);
      expect(await stored()).toMatchObject({ holder: "", token: 1 });
      expect(await other.hold(async () => true)).toBe(true);
      await other.release();
    });

    it("is had again at once by who had it last, also where it was neither renewed nor let go since", async () => {
      const mine = newLease(60_000);
      await mine.hold(async () => true);
      await sleep(times.leaseMs / 2);
      expect(await mine.hold(async () => true)).toBe(true);
      expect(await stored()).toMatchObject({ token: 2 });
      await writeUnder(mine, "again");
      await mine.release();
    });

    it("lasts while its holder lives, however long the turn", async () => {
      const [mine, other] = [newLease(), newLease()];
      const end = await begin(mine);
      for (let i = 0; i < 12; i++) {
        await sleep(150);
        expect(await other.hold(async () => true)).toBeUndefined();
        mine.assertHeld();
      }
      await end();
      await mine.release();
    });

    it("goes over when its holder renews no more, and what that one then stores comes to nothing", async () => {
      // After its turn it is neither renewed nor let go, as after kill -9 or in a long pause.
      const [dead, heir] = [newLease(60_000), newLease(60_000)];
      await dead.hold(async () => true);
      await writeUnder(dead, "before");

      let waitedMs = -performance.now();
      while (!(await heir.hold(async () => true))) await sleep(20);
      waitedMs += performance.now();
      expect(waitedMs).toBeGreaterThanOrEqual(times.leaseMs);
      expect(waitedMs).toBeLessThan(times.leaseMs + 1_000);

      expect(() => dead.assertHeld()).toThrow(LeaseLostError);
      await expect(writeUnder(dead, "after")).rejects.toThrow(LeaseLostError);
      expect(await store.get("orders", "before")).not.toBeNull();
      expect(await store.get("orders", "after")).toBeNull();
      await writeUnder(heir, "heir");
      await heir.release();
    });

    it("is nobody's after it was let go, and nothing is stored under it", async () => {
      const lease = newLease();
      await lease.hold(async () => true);
      await lease.release();
      await expect(writeUnder(lease, "free")).rejects.toThrow(LeaseLostError);
      expect(await stored()).toMatchObject({ holder: "", token: 1, renewals: 0 });
    });
  });
}
