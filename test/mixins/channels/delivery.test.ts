import type { Context } from "moleculer";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../../lib/errors";
import { BadMessageError } from "../../../mixins/channels";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";
import { consumerService, openShop, type Handler, type Home, type OpenShop, type OrderEvent } from "./shop";

const quiet: Handler = () => undefined;

describe.each<Home>(["postgres", "documents"])("channels with an outbox in %s", (home) => {
  let database: FreshDatabase;
  let dataDir: string;
  let open: OpenShop;
  const handlers: Record<string, Handler> = { stock: quiet, mail: quiet };

  beforeAll(async () => {
    database = await freshDatabase();
    dataDir = await mkdtemp(join(tmpdir(), "emulsion-channels-"));
    open = await openShop({ home, databaseUrl: database.url, dataDir, handlers });
  });

  beforeEach(async () => {
    Object.assign(handlers, { stock: quiet, mail: quiet });
    await open.shop.drainOutbox();
    open.sent.length = 0;
  });

  afterAll(async () => {
    await open.broker.stop();
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** What a group gets from now on, by order. */
  function listen(group: string): Map<string, number[]> {
    const got = new Map<string, number[]>();
    handlers[group] = ({ data }) => {
      got.set(data.order_id, [...(got.get(data.order_id) ?? []), data.n]);
    };
    return got;
  }

  const eventually = async (isSo: () => boolean): Promise<void> => {
    for (let i = 0; i < 400 && !isSo(); i++) await sleep(10);
    expect(isSo()).toBe(true);
  };

  it("brings an event to every group right after the commit, and not before", async () => {
    const got: [string, OrderEvent][] = [];
    handlers["stock"] = (event) => void got.push(["stock", event]);
    handlers["mail"] = (event) => void got.push(["mail", event]);
    const committed = performance.now();
    await open.shop.transaction(async (tx) => {
      await open.shop.publish(tx, "order.changed", { order_id: "prompt", customer_id: 7, n: 1, colour: "unknown" });
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
    await eventually(() => open.sent.length === 1);
    expect(open.sent[0]!.event_id).toBe(got[0]![1].event_id);
    expect(await open.shop.outboxState()).toEqual({ unsent: 0, oldest_seconds: 0, dead: 0 });
  });

  it("brings nothing after a rollback", async () => {
    const got = listen("stock");
    const failing = open.shop.change("undone", () => {
      throw new Error("changed my mind");
    });
    await expect(failing).rejects.toThrow("changed my mind");
    await open.shop.drainOutbox();
    await sleep(100);

    expect(got.size).toBe(0);
    expect(open.sent).toEqual([]);
  });

  it("refuses data that is not as the contract says, and the fact with it", async () => {
    const wrong = open.shop.transaction((tx) => open.shop.publish(tx, "order.changed", { order_id: "x", n: "many" }));
    await expect(wrong).rejects.toThrow(/customer_id/);
    const unknown = open.shop.transaction((tx) => open.shop.publish(tx, "order.lost", {}));
    await expect(unknown).rejects.toThrow(/does not say that it publishes order\.lost/);
  });

  it("hands on the request id, and nothing else of the caller", async () => {
    const seen: { id: string | null; meta: object }[] = [];
    handlers["stock"] = (_event, ctx) => void seen.push({ id: ctx.requestID, meta: ctx.meta });
    open.broker.createService({
      name: "till",
      actions: {
        async sell(ctx: Context) {
          await open.shop.change("traced");
          return ctx.requestID;
        },
      },
    });
    await open.broker.waitForServices("till", 5_000, 10);
    await open.broker.call("till.sell", {}, { requestID: "request-1", meta: { viewer: { id: 1, role: "admin" } } });
    await open.shop.drainOutbox();

    expect(seen).toEqual([{ id: "request-1", meta: {} }]);
  });

  it("keeps the order of each aggregate, however many transactions race", async () => {
    const stock = listen("stock");
    const mail = new Map<string, number[]>();
    handlers["mail"] = async ({ data }) => {
      await sleep(Math.random() * 3);
      mail.set(data.order_id, [...(mail.get(data.order_id) ?? []), data.n]);
    };
    const orders = Array.from({ length: 10 }, (_, i) => `raced-${i}`);
    await Promise.all(Array.from({ length: 400 }, (_, i) => open.shop.change(orders[i % orders.length]!)));
    await open.shop.drainOutbox();

    const ascending = Array.from({ length: 40 }, (_, i) => i + 1);
    for (const order of orders) {
      expect(stock.get(order)).toEqual(ascending);
      expect(mail.get(order)).toEqual(ascending);
    }
    expect(open.sent).toHaveLength(400);
  });

  it("handles different aggregates at the same time", async () => {
    let now = 0;
    let most = 0;
    handlers["stock"] = async () => {
      most = Math.max(most, ++now);
      await sleep(100);
      now--;
    };
    await Promise.all(Array.from({ length: 20 }, (_, i) => open.shop.change(`parallel-${i}`)));
    await open.shop.drainOutbox();

    expect(most).toBeGreaterThanOrEqual(10);
  });

  it("tries a group that fails again, in order, while others go on and the other group gets nothing twice", async () => {
    const mail = listen("mail");
    const stock: string[] = [];
    let isDown = true;
    handlers["stock"] = ({ data }) => {
      if (isDown && data.order_id === "stuck") throw new UnavailableError();
      stock.push(`${data.order_id} ${data.n}`);
    };
    for (let i = 0; i < 3; i++) await open.shop.change("stuck");
    await sleep(150);
    await open.shop.change("stuck");
    await open.shop.change("free");
    await eventually(() => open.sent.length === 1);
    expect(stock).toEqual(["free 1"]);
    expect(mail.get("stuck")).toEqual([1]);
    expect((await open.shop.outboxState()).unsent).toBe(4);

    isDown = false;
    await eventually(() => stock.length === 5);
    expect(stock).toEqual(["free 1", "stuck 1", "stuck 2", "stuck 3", "stuck 4"]);
    await open.shop.drainOutbox();
    expect(mail.get("stuck")).toEqual([1, 2, 3, 4]);
    expect(mail.get("free")).toEqual([1]);
  });

  it("keeps events for a service that is gone until it is back", async () => {
    const stock = listen("stock");
    await open.broker.destroyService(open.broker.getLocalService("stock"));
    for (const order of ["left-1", "left-2", "left-2"]) await open.shop.change(order);
    await open.shop.drainOutbox();
    expect(stock.size).toBe(0);
    expect((await open.shop.outboxState()).unsent).toBe(3);

    open.broker.createService(consumerService("stock", handlers));
    await open.broker.waitForServices("stock", 5_000, 10);
    await open.shop.drainOutbox();
    expect([...stock]).toEqual(
      expect.arrayContaining([
        ["left-1", [1]],
        ["left-2", [1, 2]],
      ]),
    );
    expect((await open.shop.outboxState()).unsent).toBe(0);
  });

  it("gives up a bad message after three tries, for that group alone, and goes on with the next", async () => {
    const before = (await open.shop.outboxState()).dead;
    const mail = listen("mail");
    const tried: number[] = [];
    handlers["stock"] = ({ data }) => {
      tried.push(data.n);
      if (data.n === 1) throw new BadMessageError("No such order.");
    };
    await open.shop.change("bad");
    await open.shop.change("bad");
    await eventually(() => tried.includes(2));
    await open.shop.drainOutbox();

    expect(tried).toEqual([1, 1, 1, 2]);
    expect(mail.get("bad")).toEqual([1, 2]);
    expect(await open.shop.outboxState()).toMatchObject({ unsent: 0, dead: before + 1 });
    const [letter] = await deadLetters("bad");
    expect(letter).toMatchObject({ group: "stock", topic: "order.changed", key: "7", event: { data: { n: 1 } } });
    expect(letter!.error).toMatch(/No such order/);
  });

  it("gives up what always breaks the handler after twenty tries", async () => {
    let tries = 0;
    handlers["stock"] = () => {
      tries++;
      throw new TypeError("Cannot read properties of undefined");
    };
    await open.shop.change("breaking");
    for (let i = 0; i < 10 && tries < 20; i++) await open.shop.drainOutbox();

    expect(tries).toBe(20);
    expect(await deadLetters("breaking")).toHaveLength(1);
  });

  it("takes an event that is not as the contract says for a bad message, and drops fields it does not know", async () => {
    const event = { event_id: "e", type: "order.changed", version: 1, occurred_at: "now", aggregate_id: "1" };
    const send = (data: object): Promise<unknown> =>
      open.broker.call("stock.receive", { topic: "order.changed", group: "stock", event: { ...event, data } });
    const got: object[] = [];
    handlers["stock"] = ({ data }) => void got.push(data);

    await expect(send({ order_id: "1" })).rejects.toMatchObject({ type: "BAD_MESSAGE" });
    await send({ order_id: "1", customer_id: 1, n: 1, from_the_future: true });
    expect(got).toEqual([{ order_id: "1", customer_id: 1, n: 1 }]);
  });

  describe("once", () => {
    const event = { event_id: "0123456789abcdef01234567" } as OrderEvent;

    it("is true for exactly one of many that race, and for each consumer", async () => {
      const racing = Array.from({ length: 40 }, () =>
        open.shop.transaction(async (tx) => open.shop.once(tx, event, "counter")),
      );
      expect((await Promise.all(racing)).filter(Boolean)).toHaveLength(1);
      expect(await open.shop.transaction((tx) => open.shop.once(tx, event, "other"))).toBe(true);
    });

    it("forgets with its transaction", async () => {
      const undone = open.shop.transaction(async (tx) => {
        expect(await open.shop.once(tx, event, "undone")).toBe(true);
        throw new Error("no effect");
      });
      await expect(undone).rejects.toThrow("no effect");
      expect(await open.shop.transaction((tx) => open.shop.once(tx, event, "undone"))).toBe(true);
    });
  });

  interface Letter {
    group: string;
    topic: string;
    key: string;
    event: OrderEvent;
    error: string;
  }

  async function deadLetters(order: string): Promise<Letter[]> {
    const letters =
      home === "postgres"
        ? (await open.shop.sql.at(1).query<Letter>(`select *, consumer_group as "group" from shop_dead_letters`)).rows
        : ((await open.shop.documents.find("dead_letters", { query: {} })) as unknown as Letter[]);
    return letters.filter(({ event }) => event.aggregate_id === order);
  }
});
