import type { Context, Service, ServiceSchema } from "moleculer";
import { ServiceBroker } from "moleculer";
import { z } from "zod";
import { loadConfig } from "../../../lib/config";
import { defineContract, type DomainEvent } from "../../../lib/contract";
import { attachContracts, channelCollections, channels, type Channels } from "../../../mixins/channels";
import { documents, type Document, type DocumentStore } from "../../../mixins/documents";
import { postgres, type Database } from "../../../mixins/postgres";
import { brokerOptions } from "../../../node/broker-options";
import { testKeys } from "../../setup/test-keys";

const LOG = process.env["TEST_LOG_LEVEL"] ?? "fatal";

/** A house of its own, so that these tests hang on no real service: a shop publishes, stock and mail consume. */
export const shopContract = defineContract({
  name: "shop",
  actions: {},
  events: {
    "order.changed": {
      key: "customer_id",
      aggregate: "order_id",
      data: z.object({ order_id: z.string(), customer_id: z.number(), n: z.number().int() }),
    },
  },
  consumes: {},
});
export const consumer = (name: string) =>
  defineContract({ name, actions: {}, events: {}, consumes: { "order.changed": name } });

export type Home = "postgres" | "documents";
export type OrderEvent = DomainEvent<{ order_id: string; customer_id: number; n: number }>;
export type Handler = (event: OrderEvent, ctx: Context) => void | Promise<void>;
type AnyTx = Parameters<Channels["publish"]>[0];
type AnyPublish = (tx: AnyTx, topic: string, data: unknown, options?: { seq?: number }) => Promise<void>;

export interface Shop extends Omit<Channels, "publish">, Service {
  sql: Database;
  documents: DocumentStore;
  publish: AnyPublish;
  /** Changes an order once more, and publishes the change. The customer is the key. */
  change(order: string, after?: () => void, customer?: number): Promise<number>;
  transaction<T>(work: (tx: AnyTx) => Promise<T>): Promise<T>;
}

interface Order extends Document {
  n: number;
}

export interface ShopOptions {
  home: Home;
  databaseUrl: string;
  dataDir: string;
  handlers: Record<string, Handler>;
  nodeID?: string;
  env?: Record<string, string>;
}

export interface OpenShop {
  broker: ServiceBroker;
  shop: Shop;
  sent: OrderEvent[];
}

export async function openShop({ home, databaseUrl, dataDir, handlers, nodeID, env }: ShopOptions): Promise<OpenShop> {
  const config = loadConfig({ ...testKeys, DATABASE_URL: databaseUrl, DATA_DIR: dataDir, LOG_LEVEL: LOG, ...env });
  const broker = new ServiceBroker({ ...brokerOptions(config), ...(nodeID ? { nodeID } : {}) });
  attachContracts(broker, [shopContract, ...Object.keys(handlers).map(consumer)]);
  const sent: OrderEvent[] = [];
  broker.localBus.on("$outbox.sent", ({ event }: { event: OrderEvent }) => sent.push(event));
  const schema = home === "postgres" ? sqlShop() : documentShop();
  const created: Service = broker.createService(schema);
  const shop = created as Shop;
  for (const name of Object.keys(handlers)) broker.createService(consumerService(name, handlers));
  await broker.start();
  return { broker, shop, sent };
}

/** Its handler is looked up at each event, so that a test may change it. */
export function consumerService(name: string, handlers: Record<string, Handler>): ServiceSchema {
  return {
    name,
    mixins: [channels("none")],
    channels: { "order.changed": async (event: OrderEvent, ctx: Context) => handlers[name]?.(event, ctx) },
  } as unknown as ServiceSchema;
}

export function sqlShop(): ServiceSchema {
  return {
    name: "shop",
    mixins: [postgres("shop"), channels("postgres")],
    async started(this: Shop) {
      await this.sql.at(1).query("create table if not exists orders (id text primary key, n int)");
    },
    methods: {
      async transaction(this: Shop, work: (tx: AnyTx) => Promise<unknown>) {
        return this.sql.at(1).transaction(work);
      },
      async change(this: Shop, order: string, after?: () => void, customer = 7) {
        return this.sql.at(1).transaction(async (tx) => {
          const { rows } = await tx.query<{ n: number }>(
            "insert into orders values ($1, 1) on conflict (id) do update set n = orders.n + 1 returning n",
            [order],
          );
          const n = rows[0]!.n;
          await this.publish(tx, "order.changed", { order_id: order, customer_id: customer, n });
          after?.();
          return n;
        });
      },
    },
  } as unknown as ServiceSchema;
}

function documentShop(): ServiceSchema {
  return {
    name: "shop",
    mixins: [documents("shop", { ...channelCollections, orders: { indexes: [] } }), channels("documents")],
    methods: {
      async transaction(this: Shop, work: (tx: AnyTx) => Promise<unknown>) {
        return this.documents.transaction(work);
      },
      async change(this: Shop, order: string, after?: () => void, customer = 7) {
        return this.documents.transaction(async (tx) => {
          await tx.insert<Order>("orders", { _id: order, n: 0 });
          const { n } = (await tx.update<Order>("orders", order, { increment: { n: 1 } }))!;
          await this.publish(tx, "order.changed", { order_id: order, customer_id: customer, n }, { seq: n });
          after?.();
          return n;
        });
      },
    },
  };
}
