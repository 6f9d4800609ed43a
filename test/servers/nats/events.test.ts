import { readinessOf } from "../../../mixins/readiness";
import { currentRequestId, withRequestId } from "../../../lib/request-id";
import { consumer, consumerService, type Handler, type Shop, shopContract, sqlShop } from "../../mixins/channels/shop";
import { type FreshDatabase, freshDatabase } from "../../setup/fresh-database";
import { until, useNats } from "./use-nats";

describe("domain events between nodes, without Kafka", () => {
  const nats = useNats();
  const contracts = [shopContract, consumer("stock")];
  let database: FreshDatabase;
  beforeEach(async () => void (database = await freshDatabase()));
  afterEach(() => database.drop());

  async function openShop(): Promise<Shop> {
    const env = { DATABASE_URL: database.url };
    const node = await nats.node("shop", [sqlShop()], { env, contracts });
    return node.getLocalService("shop") as unknown as Shop;
  }

  it("wait for a group whose nodes are all down, and come in order, with the id of the request that they are of", async () => {
    const shop = await openShop();
    for (let n = 0; n < 3; n += 1) await withRequestId(`request-${n}`, () => shop.change("order-1"));
    await shop.drainOutbox();
    await expect(shop.outboxState()).resolves.toMatchObject({ unsent: 3, dead: 0 });
    await expect(readinessOf(shop.broker)).resolves.toMatchObject({ is_ready: true });

    const got: [number, string | undefined][] = [];
    const stock: Handler = ({ data }) => void got.push([data.n, currentRequestId()]);
    await nats.node("stock", [consumerService("stock", { stock })], { contracts });
    await until(async () => (await shop.outboxState()).unsent === 0);
    expect(got).toEqual([
      [1, "request-0"],
      [2, "request-1"],
      [3, "request-2"],
    ]);
  });

  it("have hints beside them, which harm nobody where nobody listens", async () => {
    const shop = await openShop();
    expect(() => shop.hint("order.changed" as never, 7, {})).not.toThrow();
  });

  it("are shared by the nodes of a group, also where the outbox is on one of them", async () => {
    const byNode = { shop: 0, other: 0 };
    const count = (name: keyof typeof byNode) =>
      consumerService("stock", { stock: async () => void ((byNode[name] += 1), await new Promise(setImmediate)) });
    const env = { DATABASE_URL: database.url };
    const node = await nats.node("shop", [sqlShop(), count("shop")], { env, contracts });
    await nats.node("other", [count("other")], { contracts });
    const shop = node.getLocalService("shop") as unknown as Shop;
    await Promise.all(Array.from({ length: 60 }, (_, i) => shop.change(`order-${i}`)));
    await until(async () => (await shop.outboxState()).unsent === 0);
    expect(byNode.shop + byNode.other).toBe(60);
    expect(Math.min(byNode.shop, byNode.other)).toBeGreaterThan(10);
  });
});
