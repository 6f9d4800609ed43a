import { setTimeout as sleep } from "node:timers/promises";
import { configOf } from "../../../lib/config";
import { UnavailableError } from "../../../lib/errors";
import { consumerService } from "../../mixins/channels/shop";
import { eventually, useShop } from "../../mixins/channels/use-shop";
import { describeOn } from "../../setup/servers";
import { deadLettersOf, kafkaEnv } from "./kafka-env";
import { Stranger } from "./stranger";

describeOn(["KAFKA_BROKERS"], "a consumer group", () => {
  const scene = useShop("postgres", () => ({ ...kafkaEnv(), KAFKA_PARTITIONS: "1" }));
  const stranger = (): Stranger => {
    const { kafkaBrokers, namespace } = configOf(scene.open.broker);
    return new Stranger({ KAFKA_BROKERS: kafkaBrokers.join(","), NAMESPACE: namespace });
  };
  const committed = async (): Promise<number> => (await stranger().committed("stock", "order.changed"))[0]!;
  const event = (data: object): string =>
    JSON.stringify({
      ...{ event_id: "0123456789abcdef01234567", type: "order.changed", version: 1 },
      ...{ occurred_at: "2026-01-01T00:00:00.000Z", aggregate_id: "strange", data },
    });

  it("handles several keys of a partition at once, and each in its order", async () => {
    const got = new Map<number, number[]>();
    let now = 0;
    let most = 0;
    scene.handlers["stock"] = async ({ data }) => {
      most = Math.max(most, ++now);
      await sleep(2 + Math.random() * 10);
      got.set(data.customer_id, [...(got.get(data.customer_id) ?? []), data.n]);
      now--;
    };
    const orders = Array.from({ length: 12 }, (_, i) => `of-${i}`);
    for (let n = 0; n < 10; n++)
      await Promise.all(orders.map((order, i) => scene.open.shop.change(order, undefined, i)));
    await scene.settled();

    expect(most).toBeGreaterThan(2);
    expect(most).toBeLessThanOrEqual(8);
    for (let i = 0; i < orders.length; i++) expect(got.get(i)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it("commits nothing beyond what is unfinished, though others behind it are done, and does these once", async () => {
    const before = await committed();
    const done: string[] = [];
    let isHeld = true;
    scene.handlers["stock"] = async ({ data }) => {
      if (data.order_id === "held") while (isHeld) await sleep(10);
      done.push(data.order_id);
    };
    await scene.open.shop.change("held", undefined, 1);
    for (const customer of [2, 3, 4]) await scene.open.shop.change(`passing-${customer}`, undefined, customer);
    await scene.open.shop.drainOutbox();
    isHeld = true;
    // Longer than it takes to commit in between.
    await sleep(1_500);
    expect(await committed()).toBe(before);

    isHeld = false;
    await scene.settled();
    expect(await committed()).toBe(before + 4);
    expect(done.sort()).toEqual(["held", "passing-2", "passing-3", "passing-4"]);
  });

  it("pauses while a dependency is down, and then loses and repeats nothing", async () => {
    const done: string[] = [];
    let tries = 0;
    let isDown = true;
    scene.handlers["stock"] = ({ data }) => {
      tries++;
      if (isDown) throw new UnavailableError();
      done.push(data.order_id);
    };
    const before = await committed();
    await Promise.all(Array.from({ length: 30 }, (_, i) => scene.open.shop.change(`down-${i}`, undefined, i)));
    await sleep(1_500);
    expect(await committed()).toBe(before);
    // A handful for each of the few rounds that the growing pauses leave time for, and not thirty.
    expect(tries).toBeLessThan(80);

    isDown = false;
    await scene.settled();
    expect(new Set(done).size).toBe(30);
    expect(done).toHaveLength(30);
  });

  it("gives up what a stranger published wrongly, takes what is right, and drops fields that it does not know", async () => {
    const stock: object[] = [];
    scene.handlers["stock"] = ({ data }) => void stock.push(data);
    const letters = async () => {
      const box = deadLettersOf(scene.open.broker);
      const found = await box.list({ group: "stock", limit: 100 });
      await box.close();
      return found;
    };
    const right = { order_id: "strange", customer_id: 5, n: 1 };
    await stranger().publish("order.changed", [
      { key: "5", value: "no JSON" },
      { key: "5", value: event({ order_id: "strange" }) },
      { key: "5", value: null, headers: { original_topic: "elsewhere", replayed_offset: "0" } },
      { key: "5", value: event({ ...right, from_the_future: true }) },
    ]);
    await eventually(() => stock.length === 1, 15_000);
    await scene.settled();

    expect(stock).toEqual([right]);
    const found = await letters();
    expect(found.map(({ value }) => value)).toEqual(["no JSON", event({ order_id: "strange" }), ""]);
    expect(found.map(({ key }) => key)).toEqual(["5", "5", "5"]);
    const [raw] = await stranger().read("stock.dlq");
    expect(raw!.value!.toString()).toBe("no JSON");
    expect(Object.keys(raw!.headers!).sort()).toEqual([
      "error",
      "failed_at",
      "original_offset",
      "original_partition",
      "original_topic",
    ]);
  });

  it("finishes and commits what it has begun when it stops, and begins nothing more", async () => {
    const { broker, shop } = scene.open;
    const begun: number[] = [];
    const ended: number[] = [];
    scene.handlers["stock"] = async ({ data }) => {
      begun.push(data.n);
      await sleep(700);
      ended.push(data.n);
    };
    const before = await committed();
    for (let n = 0; n < 3; n++) await shop.change("interrupted");
    await eventually(() => begun.length === 1);
    await broker.destroyService(broker.getLocalService("stock"));
    expect(begun).toEqual([1]);
    expect(ended).toEqual([1]);
    expect(await committed()).toBe(before + 1);

    broker.createService(consumerService("stock", scene.handlers));
    await broker.waitForServices("stock", 5_000, 10);
    await scene.settled();
    expect(ended).toEqual([1, 2, 3]);
  });

  it("shows its lag, what it handled and what it gave up among the broker's metrics", async () => {
    const metric = (name: string) => {
      const found = scene.open.broker.metrics.getMetric(`emulsion.channels.${name}`) as unknown as {
        get(labels: object): { value: number } | null;
      };
      return found.get({ group: "stock", topic: "order.changed" })?.value ?? 0;
    };
    const before = { consumed: metric("consumed.total"), dead: metric("dead.letters.total") };
    let isDown = true;
    scene.handlers["stock"] = () => {
      if (isDown) throw new UnavailableError();
    };
    for (let i = 0; i < 3; i++) await scene.open.shop.change("measured");
    await scene.open.shop.drainOutbox();
    await scene.waiting();
    expect(metric("lag")).toBe(3);

    isDown = false;
    await scene.settled();
    expect(metric("lag")).toBe(0);
    expect(metric("consumed.total")).toBe(before.consumed + 3);
    expect(before.dead).toBe(3);
  });

  it("has topics as configured, kept for a week, and leaves one alone that is there already", async () => {
    const topics = ["order.changed", "stock.dlq", "stock.replay"].map((topic) => stranger().nameOf(topic));
    const { topics: found } = await stranger().asked((admin) => admin.fetchTopicMetadata({ topics }));
    expect(found.map(({ partitions }) => partitions.length)).toEqual([1, 1, 1]);
    const { resources } = await stranger().asked((admin) =>
      admin.describeConfigs({ includeSynonyms: false, resources: [{ type: 2, name: topics[0]! }] }),
    );
    const entry = resources[0]!.configEntries.find(({ configName }) => configName === "retention.ms");
    expect(entry!.configValue).toBe(String(7 * 86_400_000));
  });
});
