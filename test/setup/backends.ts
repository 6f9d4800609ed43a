import { randomBytes } from "node:crypto";
import { MongoClient } from "mongodb";
import { clientOptions } from "../../plugins/mongodb-adapter";
import { freshDatabase, type FreshDatabase } from "./fresh-database";
import { serverUrl } from "./servers";

/** Real servers that an app runs on in place of what is embedded. "shards": two PostgreSQL, which together are one database. */
export type Backend = "nats" | "zookeeper" | "kafka" | "shards" | "mongodb" | "redis" | "minio";

const DROP_TIMEOUT_MS = 5_000;

/** What one app has of the servers of this run: everything in it is the app's own. */
export interface OpenBackends {
  env: Record<string, string>;
  /** Of the broker, and of all that several apps share on one server. */
  namespace: string;
  drop(): Promise<void>;
}

/** A namespace, databases and a bucket of their own on the servers named; PostgreSQL is always there. */
export async function openBackends(backends: readonly Backend[]): Promise<OpenBackends> {
  const id = randomBytes(6).toString("hex");
  const namespace = `test-${id}`;
  const databases = await openDatabases(backends.includes("shards"));
  const env: Record<string, string> = { NAMESPACE: namespace };
  if (databases.length > 1) env["DATABASE_SHARDS"] = databases.map(({ url }) => url).join(",");
  else env["DATABASE_URL"] = databases[0]!.url;
  if (backends.includes("nats")) env["NATS_URL"] = serverUrl("NATS_URL");
  if (backends.includes("zookeeper")) env["ZOOKEEPER_URL"] = serverUrl("ZOOKEEPER_URL");
  if (backends.includes("kafka")) {
    env["KAFKA_BROKERS"] = serverUrl("KAFKA_BROKERS");
    env["KAFKA_PARTITIONS"] = "3";
  }
  if (backends.includes("redis")) env["REDIS_URL"] = serverUrl("REDIS_URL");
  if (backends.includes("mongodb")) env["MONGODB_URL"] = withPath(serverUrl("MONGODB_URL"), `test_${id}`);
  if (backends.includes("minio")) env["MINIO_URL"] = withPath(serverUrl("MINIO_URL"), `test-${id}`);
  return {
    env,
    namespace,
    async drop() {
      await Promise.all(databases.map((database) => database.drop()));
      if (env["MONGODB_URL"] !== undefined) await dropMongoDatabase(env["MONGODB_URL"]);
    },
  };
}

async function openDatabases(areSharded: boolean): Promise<FreshDatabase[]> {
  if (!areSharded) return [await freshDatabase()];
  return Promise.all(
    serverUrl("DATABASE_SHARDS")
      .split(",")
      .map((server) => freshDatabase(server)),
  );
}

function withPath(server: string, path: string): string {
  const url = new URL(server);
  url.pathname = `/${path}`;
  return url.href;
}

async function dropMongoDatabase(url: string): Promise<void> {
  const client = await new MongoClient(url, clientOptions).connect();
  try {
    // One that a killed node's transaction still holds stays: the server itself ends with the run.
    await client
      .db()
      .dropDatabase({ timeoutMS: DROP_TIMEOUT_MS })
      .catch(() => undefined);
  } finally {
    await client.close();
  }
}
