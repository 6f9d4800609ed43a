import type { Context } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../../lib/errors";
import { BadMessageError } from "../../../mixins/channels";
import type { DeadLetterBox, DeadLetterEntry } from "../../../mixins/channels/dead-letter-box";
import { consumerService, type OrderEvent } from "./shop";
import { eventually, type ShopScene } from "./use-shop";

/** What channels promise whichever way their events travel, and wherever their dead letters lie. */
export function deliveryConformance(scene: ShopScene, openDeadLetters: () => DeadLetterBox): void {
  async function withDeadLetters<T>(work: (box: DeadLetterBox) => Promise<T>): Promise<T> {
    const box = openDeadLetters();
    try {
      return await work(box);
    } finally {
      await box.close();
    }
  }

  async function deadLettersOf(order: string): Promise<DeadLetterEntry[]> {
    const letters = await withDeadLetters((box) => box.list({ limit: 100 }));
    return letters.filter(({ value }) => (JSON.parse(value) as OrderEvent).aggregate_id === order);
  }

  it("brings an event to every group right after the commit, and not before", async () => {
    const got: [string, OrderEvent][] = [];
    scene.handlers["stock"] = (event) => void got.push(["stock", event]);
    scene.handlers["mail"] = (event) => void got.push(["mail", event]);
    const committed = performance.now();
    await scene.open.shop.transaction(async (tx) => {
      await scene.open.shop.publish(tx, "order.changed", {
        order_id: "prompt",
        customer_id: 7,
        n: 1,
        colour: "unknown",
      });
      await sleep(50);
      expect(got).toEqual([]);
    });
    await eventually(() => got.length === 2);

    // Well below the sweeper's second.
    expect(performance.now() - committed).toBeLessThan(600);
    expect(got.map(([group]) => group).sort()).toEqual(["mail", "stock"]);
    expect(got[0]![1]).toEqual({
      event_id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      type: "order.changed",
      version: 1,
      occurred_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      aggregate_id: "prompt",
      data: { order_id: "prompt", customer_id: 7, n: 1 },
    });
    await eventually(() => scene.open.sent.length === 1);
    expect(scene.open.sent[0]!.event_id).toBe(got[0]![1].event_id);
    expect(await scene.open.shop.outboxState()).toMatchObject({ unsent: 0, oldest_seconds: 0 });
  });

  it("brings nothing after a rollback", async () => {
    const got = scene.listen("stock");
    const failing = scene.open.shop.change("undone", () => {
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await scene.settled();
    await sleep(100);

    expect(got.size).toBe(0);
    expect(scene.open.sent).toEqual([]);
  });

  it("refuses data that is not as the contract says, and the fact with it", async () => {
    const wrong = scene.open.shop.transaction((tx) =>
      scene.open.shop.publish(tx, "order.changed", { order_id: "x", n: "many" }),
    );
    await expect(wrong).rejects.toThrow(/customer_id/);
    const unknown = scene.open.shop.transaction((tx) => scene.open.shop.publish(tx, "order.lost", {}));
    await expect(unknown).rejects.toThrow(/does not say that it publishes order\.lost/);
  });

  it("hands on the request id, and nothing else of the caller", async () => {
    const seen: { id: string | null; meta: object }[] = [];
    scene.handlers["stock"] = (_event, ctx) => void seen.push({ id: ctx.requestID, meta: ctx.meta });
    scene.open.broker.createService({
      name: "till",
      actions: {
        async sell(ctx: Context) {
          await scene.open.shop.change("traced");
          return ctx.requestID;
        },
      },
    });
    await scene.open.broker.waitForServices("till", 5_000, 10);
    await scene.open.broker.call(
      "till.sell",
      {},
      { requestID: "request-1", meta: { viewer: { id: 1, role: "admin" } } },
    );
    await scene.settled();

    expect(seen).toEqual([{ id: "request-1", meta: {} }]);
  });

  it("keeps the order of each aggregate, however many transactions race", async () => {
    const stock = scene.listen("stock");
    const mail = new Map<string, number[]>();
    scene.handlers["mail"] = async ({ data }) => {
      await sleep(Math.random() * 3);
      mail.set(data.order_id, [...(mail.get(data.order_id) ?? []), data.n]);
    };
    const orders = Array.from({ length: 10 }, (_, i) => `raced-${i}`);
    await Promise.all(Array.from({ length: 400 }, (_, i) => scene.open.shop.change(orders[i % orders.length]!)));
    await scene.settled();

    const ascending = Array.from({ length: 40 }, (_, i) => i + 1);
    for (const order of orders) {
      expect(stock.get(order)).toEqual(ascending);
      expect(mail.get(order)).toEqual(ascending);
    }
    expect(scene.open.sent).toHaveLength(400);
  });

  it("keeps events for a service that is gone until it is back", async () => {
    const stock = scene.listen("stock");
    await scene.open.broker.destroyService(scene.open.broker.getLocalService("stock"));
    for (const order of ["left-1", "left-2", "left-2"]) await scene.open.shop.change(order);
    await scene.open.shop.drainOutbox();
    expect(stock.size).toBe(0);

    scene.open.broker.createService(consumerService("stock", scene.handlers));
    await scene.open.broker.waitForServices("stock", 5_000, 10);
    await scene.settled();
    expect([...stock]).toEqual(
      expect.arrayContaining([
        ["left-1", [1]],
        ["left-2", [1, 2]],
      ]),
    );
    expect((await scene.open.shop.outboxState()).unsent).toBe(0);
  });

  it("gives up a bad message after three tries, for that group alone, and goes on with the next", async () => {
    const mail = scene.listen("mail");
    const tried: number[] = [];
    scene.handlers["stock"] = ({ data }) => {
      tried.push(data.n);
      if (data.n === 1) throw new BadMessageError("No such order.");
    };
    await scene.open.shop.change("bad");
    await scene.open.shop.change("bad");
    await eventually(() => tried.includes(2));
    await scene.settled();

    expect(tried).toEqual([1, 1, 1, 2]);
    expect(mail.get("bad")).toEqual([1, 2]);
    const letters = await deadLettersOf("bad");
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({
      group: "stock",
      topic: "order.changed",
      key: "7",
      error: expect.stringContaining("No such order") as string,
      failed_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as string,
    });
    expect(JSON.parse(letters[0]!.value)).toMatchObject({ type: "order.changed", data: { order_id: "bad", n: 1 } });
  });

  it("gives dead letters back to their group alone, once, and only those asked for", async () => {
    const mail = scene.listen("mail");
    scene.handlers["stock"] = () => {
      throw new BadMessageError("Not yet.");
    };
    for (const order of ["given-back", "left-lying"]) {
      await scene.open.shop.change(order);
      await eventually(async () => (await deadLettersOf(order)).length === 1, 15_000);
    }
    await scene.settled();
    expect(await withDeadLetters((box) => box.list({ group: "mail", limit: 100 }))).toEqual([]);
    expect(await withDeadLetters((box) => box.list({ topic: "order.lost", limit: 100 }))).toEqual([]);

    const stock = scene.listen("stock");
    const before = await withDeadLetters((box) => box.list({ group: "stock", limit: 100 }));
    const upTo = before.findIndex(({ value }) => value.includes("given-back")) + 1;
    const given = await withDeadLetters((box) => box.replay({ group: "stock", topic: "order.changed", limit: upTo }));
    expect(given).toEqual(before.slice(0, upTo));
    await eventually(() => stock.get("given-back")?.length === 1, 10_000);
    await scene.settled();

    expect(stock.get("given-back")).toEqual([1]);
    expect(stock.has("left-lying")).toBe(false);
    expect(mail.get("given-back")).toEqual([1]);
    expect(await deadLettersOf("given-back")).toEqual([]);
    expect(await deadLettersOf("left-lying")).toHaveLength(1);
  });

  it("tries a group that fails again, in order, and the other group gets nothing twice", async () => {
    const mail = scene.listen("mail");
    const stock: number[] = [];
    let isDown = true;
    scene.handlers["stock"] = ({ data }) => {
      if (isDown) throw new UnavailableError();
      stock.push(data.n);
    };
    for (let i = 0; i < 4; i++) await scene.open.shop.change("held");
    await sleep(300);
    expect(stock).toEqual([]);

    isDown = false;
    await scene.settled();
    expect(stock).toEqual([1, 2, 3, 4]);
    expect(mail.get("held")).toEqual([1, 2, 3, 4]);
  });
}
