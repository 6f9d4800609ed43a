import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openShop } from "./shop";

const ORDERS = 300;
const HANDLER_MS = 500;

describe("a node that stops with much to deliver", () => {
  it("ends when what is on its way has arrived, and leaves the rest in its outbox", async () => {
    const dataDir = await mkdtemp(join(tmpdir(), "emulsion-stop-"));
    const handled: string[] = [];
    const stock = async ({ data }: { data: { order_id: string } }): Promise<void> => {
      await sleep(HANDLER_MS);
      handled.push(data.order_id);
    };
    const options = { home: "documents", databaseUrl: "postgres://nobody@127.0.0.1:1/none", dataDir } as const;
    const { broker, shop } = await openShop({ ...options, handlers: { stock }, env: { SERVICES: "posts" } });
    await Promise.all(Array.from({ length: ORDERS }, (_, i) => shop.change(String(i))));

    await sleep(HANDLER_MS);
    const askedMs = performance.now();
    await broker.stop();
    expect(performance.now() - askedMs).toBeLessThan(4 * HANDLER_MS);
    expect(handled.length).toBeLessThan(ORDERS / 2);

    const next = await openShop({ ...options, handlers: { stock }, env: { SERVICES: "posts" } });
    while ((await next.shop.outboxState()).unsent > 0) await sleep(50);
    await next.broker.stop();
    await rm(dataDir, { recursive: true });
    expect(new Set(handled).size).toBe(ORDERS);
  });
});
