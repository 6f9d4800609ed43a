import type { Middleware, ServiceBroker } from "moleculer";
import type { AddressInfo, Server } from "node:net";
import { configOf } from "../lib/config";
import { embeddedDocuments, TESTED_DOCUMENTS } from "../mixins/documents";

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
  const rows: [string, string][] = [
    ["gateway", gatewayUrl(broker) ?? "none on this node"],
    ["services", services.join(", ")],
    ["data folder", config.dataDir],
    ["RPC, discovery", "in this process"],
    [
      "domain events",
      config.kafkaBrokers.length > 0 ? "outbox, by way of Kafka" : "outbox, delivered through the broker",
    ],
    [
      "accounts, graph, feed",
      config.databaseUrl === undefined ? "PostgreSQL under the data folder" : "PostgreSQL at DATABASE_URL",
    ],
    ["posts", "NeDB under the data folder"],
    ...(posts === undefined ? [] : [["tested size", `${TESTED_DOCUMENTS} posts; ${posts} now`] as [string, string]]),
    ["timelines, limits", "memory"],
    ["media", "files under the data folder"],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return ["  Emulsion is running", ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)];
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
