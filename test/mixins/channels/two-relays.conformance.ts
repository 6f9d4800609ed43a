import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../../lib/errors";
import { openShop, type OpenShop, type ShopOptions } from "./shop";

export interface SharedShop {
  options: Pick<ShopOptions, "home" | "databaseUrl" | "dataDir" | "env">;
  drop(): Promise<void>;
}

/** What holds wherever an outbox lies that several processes have. */
export function describeTwoRelays(where: string, openShared: () => Promise<SharedShop>): void {
  describe(`two relays over one outbox in ${where}`, () => {
    let shared: SharedShop;
    const nodes: OpenShop[] = [];
    const got = new Map<string, number[]>();
    let refusals = 0;

    /** Both nodes' handlers write into one list, as one consumer's store would. */
    async function stock({ data }: { data: { order_id: string; n: number } }): Promise<void> {
      await sleep(Math.random() * 4);
      if (Math.random() < 0.02) {
        refusals++;
        throw new UnavailableError();
      }
      got.set(data.order_id, [...(got.get(data.order_id) ?? []), data.n]);
    }

    beforeAll(async () => {
      shared = await openShared();
      for (const nodeID of ["a", "b"]) nodes.push(await openShop({ ...shared.options, handlers: { stock }, nodeID }));
    });

    afterAll(async () => {
      await Promise.all(nodes.map(({ broker }) => broker.stop()));
      await shared.drop();
    });

    it("never deliver out of order, nor twice, and both work", async () => {
      const orders = Array.from({ length: 12 }, (_, i) => `order-${i}`);
      for (let round = 0; round < 4; round++) {
        await Promise.all(
          Array.from({ length: 120 }, async (_, i) => {
            await sleep(Math.random() * 60);
            await nodes[i % 2]!.shop.change(orders[(i >> 1) % orders.length]!);
          }),
        );
        // Long enough for the one that was kept out to have its turn in some round, with rows that only it can wake for.
        await nodes[1]!.shop.drainOutbox();
        await nodes[round % 2]!.shop.change("alternating");
        await sleep(150);
      }
      await Promise.all(nodes.map(({ shop }) => shop.drainOutbox()));

      const ascending = Array.from({ length: 40 }, (_, i) => i + 1);
      for (const order of orders) expect(got.get(order)).toEqual(ascending);
      expect(refusals).toBeGreaterThan(0);
      for (const { sent } of nodes) expect(sent.length).toBeGreaterThan(0);
      expect(nodes.reduce((sum, { sent }) => sum + sent.length, 0)).toBe(484);
      expect(got.get("alternating")).toEqual([1, 2, 3, 4]);
    });

    it("hand the work on when one node stops", async () => {
      const leaving = nodes[0]!;
      await leaving.shop.change("handed-on");
      await leaving.broker.stop();
      await nodes[1]!.shop.change("handed-on");
      await nodes[1]!.shop.drainOutbox();

      expect(got.get("handed-on")).toEqual([1, 2]);
    });
  });
}
