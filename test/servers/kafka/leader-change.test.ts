import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { useShop } from "../../mixins/channels/use-shop";
import type { OrderEvent } from "../../mixins/channels/shop";
import { describeOn } from "../../setup/servers";
import { kafkaEnv } from "./kafka-env";
import { Stranger } from "./stranger";

const ORDERS = 60;
const CUSTOMERS = 20;
const WRITERS = 8;
/** Between two events of one writer: some hundreds a second in all. */
const PACE_MS = 20;

/** What remains of a sequence when every repeat is dropped. */
function firsts(numbers: readonly number[]): number[] {
  return [...new Set(numbers)];
}

describeOn(["KAFKA_BROKERS"], "channels by way of three brokers", () => {
  let folder: string;
  let cluster: RunningServer;
  const env: Record<string, string> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "emulsion-brokers-"));
    cluster = await startServer("kafka-cluster", { folder });
    Object.assign(env, kafkaEnv(cluster.env["KAFKA_BROKERS"]), cluster.env, { KAFKA_PARTITIONS: "6" });
  }, 600_000);

  afterAll(async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe("each killed and started again in turn under load", () => {
    const scene = useShop("postgres", () => env);

    it("loses no event, and keeps each aggregate's order", async () => {
      const stock = scene.listen("stock");
      const mail = scene.listen("mail");
      const written = new Map<string, number>();
      let isOver = false;
      const write = async (writer: number): Promise<void> => {
        for (let i = writer; !isOver; i += WRITERS) {
          const order = `order-${i % ORDERS}`;
          const n = await scene.open.shop.change(order, undefined, (i % ORDERS) % CUSTOMERS);
          written.set(order, Math.max(n, written.get(order) ?? 0));
          await sleep(PACE_MS);
        }
      };
      const load = Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
      for (const broker of [0, 1, 2]) {
        await sleep(1_000);
        await cluster.kill(broker);
        // Longer than the six seconds until its partitions have other leaders.
        await sleep(8_000);
        await cluster.restart(broker);
      }
      await sleep(1_000);
      isOver = true;
      await load;
      await scene.settled(60_000);

      const total = [...written.values()].reduce((sum, n) => sum + n, 0);
      expect(total).toBeGreaterThan(2_000);
      for (const [order, count] of written) {
        const ascending = Array.from({ length: count }, (_, i) => i + 1);
        expect(firsts(stock.get(order) ?? [])).toEqual(ascending);
        expect(firsts(mail.get(order) ?? [])).toEqual(ascending);
      }

      // A stranger finds the same in the topic, every customer's in one partition.
      const stored = new Map<string, number[]>();
      const partitions = new Map<string, Set<number>>();
      for (const { key, value, partition } of await new Stranger(env).read("order.changed")) {
        const { data } = JSON.parse(value!.toString()) as OrderEvent;
        stored.set(data.order_id, [...(stored.get(data.order_id) ?? []), data.n]);
        const customer = key!.toString();
        partitions.set(customer, (partitions.get(customer) ?? new Set()).add(partition));
      }
      for (const [order, numbers] of stored) expect(firsts(numbers)).toHaveLength(written.get(order)!);
      expect(partitions.size).toBe(CUSTOMERS);
      for (const used of partitions.values()) expect(used.size).toBe(1);
    }, 180_000);
  });
});
