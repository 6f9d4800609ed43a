import type { Middleware, ServiceBroker } from "moleculer";
import type { AddressInfo, Server } from "node:net";
import { type Config, configOf } from "../lib/config";
import { isEmbedded, keepsFiles, type Store, usesStore } from "../lib/stores";
import { embeddedDocuments, TESTED_DOCUMENTS } from "../mixins/documents";

type Row = [string, string];

/** One clear block once the node answers: where it is, where its data lies, and what serves each concern. */
export function banner(): Middleware {
  return {
    name: "Banner",
    async started(broker: ServiceBroker) {
      process.stdout.write(`\n${block(broker, await embeddedDocuments(broker)).join("\n")}\n\n`);
    },
  };
}

function block(broker: ServiceBroker, posts: number | undefined): string[] {
  const config = configOf(broker);
  const services = broker.services.map(({ name }) => name).filter((name) => !name.startsWith("$"));
  const rows: Row[] = [
    ["gateway", gatewayUrl(broker) ?? "none on this node"],
    ["services", services.join(", ") || "none"],
    ...(keepsFiles(config) ? [["data folder", config.dataDir] as Row] : []),
    ["RPC", config.natsUrl === undefined ? "in this process" : `NATS at ${hosts(config.natsUrl)}`],
    ["discovery", discovery(config)],
    ["domain events", events(config)],
    ...stores(config, posts),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ["  Emulsion is running", ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)];
}

function discovery({ natsUrl, zookeeperUrl }: Config): string {
  if (natsUrl === undefined) return "in this process";
  return zookeeperUrl === undefined ? "NATS heartbeats" : `ZooKeeper at ${hosts([zookeeperUrl])}`;
}

function events({ kafkaBrokers, natsUrl }: Config): string {
  if (kafkaBrokers.length > 0) return `outbox, relayed to Kafka at ${kafkaBrokers.join(", ")}`;
  return natsUrl === undefined ? "outbox, delivered in this process" : "outbox, delivered over NATS";
}

/** Of those alone that this node's services use. */
function stores(config: Config, posts: number | undefined): Row[] {
  const { databaseUrl, databaseShards, mongodbUrl = "", redisUrl = [], minioUrl = "" } = config;
  const shards = databaseShards.length > 0 ? databaseShards : [databaseUrl ?? ""];
  const rows: Record<Store, [concern: string, embedded: string, served: () => string]> = {
    postgres: ["accounts, graph, feed", "PostgreSQL under the data folder", () => postgres(shards)],
    documents: ["posts", "NeDB under the data folder", () => `MongoDB at ${hosts([mongodbUrl])}`],
    redis: ["caches, limits", "memory", () => `Redis at ${hosts(redisUrl)}`],
    objects: ["media", "files under the data folder", () => `${hosts([minioUrl])}`],
  };
  return (Object.keys(rows) as Store[])
    .filter((store) => usesStore(config, store))
    .flatMap((store) => {
      const [concern, embedded, served] = rows[store];
      const row: Row = [concern, isEmbedded(config, store) ? embedded : served()];
      const size: Row = ["tested size", `${TESTED_DOCUMENTS} posts; ${posts} now`];
      return store === "documents" && posts !== undefined ? [row, size] : [row];
    });
}

function postgres(shards: readonly string[]): string {
  return shards.length === 1 ? `PostgreSQL at ${hosts(shards)}` : `${shards.length} shards at ${hosts(shards)}`;
}

/** Where they are, without the passwords of their URLs. Several hosts in one URL are none to a URL parser. */
function hosts(urls: readonly string[]): string {
  return urls.map((url) => url.replace(/^[^/]*\/\/(?:[^@/]*@)?([^/?]*).*$/, "$1")).join(", ");
}

/** Where people reach it: the port may have been chosen by the system. */
function gatewayUrl(broker: ServiceBroker): string | undefined {
  const api = broker.services.find(({ name }) => name === "api") as { server?: Server } | undefined;
  const address = api?.server?.address() as AddressInfo | null | undefined;
  if (!address) return undefined;
  const { host } = configOf(broker);
  const name = ["127.0.0.1", "::1", "0.0.0.0", "::"].includes(host) ? "localhost" : host;
  return `http://${name}:${address.port}  (API: /api/v1, its documentation: /docs)`;
}
