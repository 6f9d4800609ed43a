import { type Admin, Kafka, logLevel } from "kafkajs";
import { MongoClient } from "mongodb";
import { Pool } from "pg";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceContract } from "../../lib/contract";
import { clientOptions } from "../../plugins/mongodb-adapter/client-options";
import { contracts } from "../../services/contracts";

const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/** Events that are under way somewhere. */
interface Left {
  place: string;
  count: number;
}

/** How many events of a fleet are still under way, read from its stores: its processes tell nobody. */
export class FleetEvents {
  private readonly pools: Pool[];
  private readonly mongo: MongoClient | undefined;
  private readonly admin: Admin | undefined;
  private readonly prefix: string;

  constructor(env: Record<string, string>) {
    const urls = (env["DATABASE_SHARDS"] ?? env["DATABASE_URL"] ?? "").split(",");
    this.pools = urls.map((connectionString) => new Pool({ connectionString, max: 1 }));
    // A database that is dropped beneath an idle connection is no news here.
    for (const pool of this.pools) pool.on("error", () => undefined);
    this.mongo = env["MONGODB_URL"] === undefined ? undefined : new MongoClient(env["MONGODB_URL"], clientOptions);
    const brokers = env["KAFKA_BROKERS"]?.split(",");
    this.admin =
      brokers && new Kafka({ clientId: "emulsion-fleet-events", brokers, logLevel: logLevel.NOTHING }).admin();
    this.prefix = env["NAMESPACE"] ? `${env["NAMESPACE"]}.` : "";
  }

  /** @throws when events are still under way after so long. */
  async settled(patienceMs = PATIENCE_MS): Promise<void> {
    await this.admin?.connect();
    let quiet = 0;
    for (const deadline = Date.now() + patienceMs; quiet < 2; await sleep(POLL_MS)) {
      const left = [...(await this.unsent()), ...(await this.unhandled())].filter(({ count }) => count > 0);
      quiet = left.length === 0 ? quiet + 1 : 0;
      if (Date.now() <= deadline) continue;
      const places = left.map(({ place, count }) => `${count} ${place}`);
      throw new Error(`Events are still under way after ${patienceMs / 1000} s: ${places.join(", ")}.`);
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.pools.map((pool) => pool.end()), this.mongo?.close(), this.admin?.disconnect()]);
  }

  /** Rows of every outbox. */
  private async unsent(): Promise<Left[]> {
    const shards = await Promise.all(this.pools.map((pool) => countOutboxes(pool)));
    const documents = (await this.mongo?.db().collection("outbox").countDocuments()) ?? 0;
    return [...shards.flat(), { place: "in the outbox of documents", count: documents }];
  }

  /** Messages that Kafka has and some group has not. */
  private async unhandled(): Promise<Left[]> {
    const { admin } = this;
    if (admin === undefined) return [];
    return Promise.all(
      subscriptions().map(async ({ topic, group }) => {
        const name = this.prefix + topic;
        const [ends, [done]] = await Promise.all([
          admin.fetchTopicOffsets(name),
          admin.fetchOffsets({ groupId: this.prefix + group, topics: [name] }),
        ]);
        const count = ends.reduce((sum, { partition, low, high }) => {
          const offset = Number(done?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
          return sum + Number(high) - Math.max(Number(low), offset);
        }, 0);
        return { place: `of ${topic} before ${group}`, count };
      }),
    );
  }
}

function subscriptions(): { topic: string; group: string }[] {
  return (contracts as readonly ServiceContract[]).flatMap(({ consumes }) =>
    Object.entries(consumes).map(([topic, group]) => ({ topic, group })),
  );
}

async function countOutboxes(pool: Pool): Promise<Left[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_name like '%\\_outbox'",
  );
  return Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await pool.query<{ unsent: string }>(`select count(*) as unsent from ${name}`);
      return { place: `in ${name}`, count: Number(rows[0]!.unsent) };
    }),
  );
}
