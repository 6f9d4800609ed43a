import type { Middleware, Service, ServiceBroker, ServiceSchema } from "moleculer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configOf } from "../../lib/config";
import { usesStore } from "../../lib/stores";
import { addReadinessCheck } from "../readiness";
import { openDatabase, type OpenDatabase } from "./database";
import { startEmbedded, type EmbeddedPostgres } from "./embedded";
import { migrate } from "./migrate";
import type { Database } from "./sql";

export type { Database, Rows, Shard, Sql, Transaction } from "./sql";
export { ensureOnce, migrate } from "./migrate";

interface Opened {
  database: OpenDatabase;
  embedded?: EmbeddedPostgres;
  callOff?: () => void;
}

const opened = new WeakMap<ServiceBroker, Promise<Opened>>();

/** The one database of this node, opened (and where no URL is set, started) when first asked for. */
export async function databaseOf(broker: ServiceBroker): Promise<Database> {
  const known = opened.get(broker);
  if (known) return (await known).database;
  const opening = open(broker);
  opened.set(broker, opening);
  // A failed start leaves nothing behind, so that it can be tried again.
  opening.catch(() => opened.delete(broker));
  return (await opening).database;
}

async function open(broker: ServiceBroker): Promise<Opened> {
  const config = configOf(broker);
  const log = broker.getLogger("postgres");
  const urls =
    config.databaseShards.length > 0 ? config.databaseShards : config.databaseUrl ? [config.databaseUrl] : [];
  const proxyUrl = config.databaseShards.length > 0 ? config.databaseUrl : undefined;
  if (urls.length > 0) return { database: openDatabase({ shardUrls: urls, proxyUrl, log }) };
  const folder = join(config.dataDir, "postgres");
  const embedded = await startEmbedded({ folder, log });
  const callOff = endWithProcess(embedded.pid, folder);
  return { database: openDatabase({ shardUrls: [embedded.url], log }), embedded, callOff };
}

/**
 * A start that fails later ends the process without stopping anything: PostgreSQL must not be left behind by that. Answers how to
 * call this off.
 */
function endWithProcess(pid: number, folder: string): () => void {
  const end = () => {
    try {
      const [owner] = readFileSync(join(folder, "postmaster.pid"), "utf8").split("\n");
      // SIGINT is its fast shutdown.
      if (Number(owner) === pid) process.kill(pid, "SIGINT");
    } catch {
      // Gone already.
    }
  };
  process.once("exit", end);
  return () => process.off("exit", end);
}

/** Closes the pools, then stops the PostgreSQL that this node started. */
async function close(broker: ServiceBroker): Promise<void> {
  const opening = opened.get(broker);
  if (!opening) return;
  opened.delete(broker);
  const { database, embedded, callOff } = await opening;
  await database.close();
  await embedded?.stop();
  callOff?.();
}

/** Has the database of a node that uses one ready before its first service starts, and stops it after the last one stopped. */
export function postgresMiddleware(): Middleware {
  return {
    name: "Postgres",
    starting: async (broker: ServiceBroker) => {
      if (!usesStore(configOf(broker), "postgres")) return;
      const database = await databaseOf(broker);
      addReadinessCheck(broker, "postgres", async () => {
        await Promise.all(database.shards.map((shard) => shard.query("select 1")));
      });
    },
    stopped: (broker: ServiceBroker) => close(broker),
  };
}

/** Gives a service `this.sql`, its tables brought up to date before its own `started` runs. */
export function postgres(service: string): Partial<ServiceSchema> & { readonly __provides?: { sql: Database } } {
  return {
    async started() {
      const self = this as unknown as Service & { sql: Database };
      self.sql = await databaseOf(self.broker);
      await migrate(self.sql, [service]);
    },
  };
}
