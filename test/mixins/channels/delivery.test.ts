import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../../lib/errors";
import { OutboxDeadLetters } from "../../../mixins/channels/outbox-dead-letters";
import { deliveryConformance } from "./delivery.conformance";
import type { Home, OrderEvent } from "./shop";
import { eventually, useShop } from "./use-shop";

describe.each<Home>(["postgres", "documents"])("channels with an outbox in %s", (home) => {
  const scene = useShop(home);
  const openDeadLetters = () => new OutboxDeadLetters([scene.open.shop], async () => undefined);
  const { handlers } = scene;
  deliveryConformance(scene, openDeadLetters);

  it("handles different aggregates at the same time", async () => {
    let now = 0;
    let most = 0;
    handlers["stock"] = async () => {
      most = Math.max(most, ++now);
      await sleep(100);
      now--;
    };
    await Promise.all(Array.from({ length: 20 }, (_, i) => scene.open.shop.change(`parallel-${i}`)));
    await scene.open.shop.drainOutbox();

    expect(most).toBeGreaterThanOrEqual(10);
  });

  it("tries a group that fails again, in order, while others go on and the other group gets nothing twice", async () => {
    const mail = scene.listen("mail");
    const stock: string[] = [];
    let isDown = true;
    handlers["stock"] = ({ data }) => {
      if (isDown && data.order_id === "stuck") throw new UnavailableError();
      stock.push(`${data.order_id} ${data.n}`);
    };
    for (let i = 0; i < 3; i++) await scene.open.shop.change("stuck");
    await sleep(150);
    await scene.open.shop.change("stuck");
    await scene.open.shop.change("free");
    await eventually(() => scene.open.sent.length === 1);
    expect(stock).toEqual(["free 1"]);
    expect(mail.get("stuck")).toEqual([1]);
    expect((await scene.open.shop.outboxState()).unsent).toBe(4);

    isDown = false;
    await eventually(() => stock.length === 5);
    expect(stock).toEqual(["free 1", "stuck 1", "stuck 2", "stuck 3", "stuck 4"]);
    await scene.open.shop.drainOutbox();
    expect(mail.get("stuck")).toEqual([1, 2, 3, 4]);
    expect(mail.get("free")).toEqual([1]);
  });

  it("gives up what always breaks the handler after twenty tries", async () => {
    let tries = 0;
    handlers["stock"] = () => {
      tries++;
      throw new TypeError("Cannot read properties of undefined");
    };
    await scene.open.shop.change("breaking");
    for (let i = 0; i < 10 && tries < 20; i++) await scene.open.shop.drainOutbox();

    expect(tries).toBe(20);
    const letters = await openDeadLetters().list({ limit: 100 });
    expect(letters.filter(({ value }) => value.includes("breaking"))).toHaveLength(1);
  });

  it("takes an event that is not as the contract says for a bad message, and drops fields it does not know", async () => {
    const event = { event_id: "e", type: "order.changed", version: 1, occurred_at: "now", aggregate_id: "1" };
    const send = (data: object): Promise<unknown> =>
      scene.open.broker.call("stock.receive", { topic: "order.changed", group: "stock", event: { ...event, data } });
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
        scene.open.shop.transaction(async (tx) => scene.open.shop.once(tx, event, "counter")),
      );
      expect((await Promise.all(racing)).filter(Boolean)).toHaveLength(1);
      expect(await scene.open.shop.transaction((tx) => scene.open.shop.once(tx, event, "other"))).toBe(true);
    });

    it("forgets with its transaction", async () => {
      const undone = scene.open.shop.transaction(async (tx) => {
        expect(await scene.open.shop.once(tx, event, "undone")).toBe(true);
        throw new Error("no effect");
      });
      await expect(undone).rejects.toThrow("no effect");
      expect(await scene.open.shop.transaction((tx) => scene.open.shop.once(tx, event, "undone"))).toBe(true);
    });
  });
});
