import { setTimeout as sleep } from "node:timers/promises";
import type { Handler } from "../../mixins/channels/shop";
import { eventually, useShop } from "../../mixins/channels/use-shop";
import { describeOn } from "../../setup/servers";
import { kafkaEnv } from "./kafka-env";

describeOn(["KAFKA_BROKERS"], "two nodes of a group", () => {
  const scene = useShop("postgres", () => ({ ...kafkaEnv(), KAFKA_PARTITIONS: "6" }));

  it("share its partitions; one joins and leaves under load, and nothing is lost, repeated or out of order", async () => {
    const got = new Map<string, number[]>();
    const byNode = { first: 0, second: 0 };
    const handlerOf =
      (node: keyof typeof byNode): Handler =>
      async ({ data }) => {
        await sleep(1);
        byNode[node]++;
        got.set(data.order_id, [...(got.get(data.order_id) ?? []), data.n]);
      };
    scene.handlers["stock"] = handlerOf("first");
    const written = new Map<string, number>();
    let isOver = false;
    const write = async (writer: number): Promise<void> => {
      for (let i = writer; !isOver; i += 4) {
        const order = `shared-${i % 40}`;
        const n = await scene.open.shop.change(order, undefined, i % 40);
        written.set(order, Math.max(n, written.get(order) ?? 0));
        await sleep(10);
      }
    };
    const load = Promise.all([0, 1, 2, 3].map(write));

    await sleep(300);
    const second = await scene.openNode("node-2", { stock: handlerOf("second"), mail: () => undefined });
    await eventually(() => byNode.second > 50, 20_000);
    const ofFirst = byNode.first;
    await eventually(() => byNode.first > ofFirst + 20, 20_000);
    await second.broker.stop();
    const ofSecond = byNode.second;
    await sleep(500);
    isOver = true;
    await load;
    await scene.settled();

    expect(byNode.second).toBe(ofSecond);
    for (const [order, count] of written)
      expect(got.get(order)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  });
});
