import { ServiceBroker } from "moleculer";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "../../lib/config";
import { attachContracts } from "../../mixins/channels";
import { brokerOptions } from "../../node/broker-options";
import { authContract } from "../../services/auth/auth.contract";
import authService from "../../services/auth/auth.service";
import { type Call, callerOf } from "../../services/define-service";
import { type FreshDatabase, freshDatabase } from "../setup/fresh-database";

export interface NodesOfAuth {
  /** A call from the first node that this one answers; what is not the first is reached over the wire. */
  on(node: number): Call;
  stop(): Promise<void>;
}

/** Several nodes of auth that share one database of so many shards. */
export async function nodesOfAuth({ nodes, shards }: { nodes: number; shards: number }): Promise<NodesOfAuth> {
  const databases: FreshDatabase[] = [];
  for (let i = 0; i < shards; i++) databases.push(await freshDatabase());
  const dataDir = await mkdtemp(join(tmpdir(), "emulsion-auth-"));
  const env = { DATA_DIR: dataDir, BCRYPT_COST: "4", RATE_LIMITS: "off", LOG_LEVEL: "fatal" };
  const config = { ...loadConfig(env), databaseShards: databases.map(({ url }) => url) };
  const namespace = `test-${randomBytes(6).toString("hex")}`;
  const brokers = Array.from({ length: nodes }, (_, index) => {
    const broker = new ServiceBroker({
      ...brokerOptions(config),
      namespace,
      nodeID: `auth-${index}`,
      transporter: "Fake",
    });
    attachContracts(broker, [authContract]);
    broker.createService(authService);
    return broker;
  });
  await Promise.all(brokers.map((broker) => broker.start()));
  for (const broker of brokers) while ((await nodesKnownTo(broker)) < nodes) await sleep(10);
  return {
    on: (node) => (name, params, options) =>
      callerOf(brokers[0]!)(name, params, { ...options, nodeID: `auth-${node}` }),
    async stop() {
      await Promise.all(brokers.map((broker) => broker.stop()));
      await Promise.all(databases.map((database) => database.drop()));
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function nodesKnownTo(broker: ServiceBroker): Promise<number> {
  const known: { services: { name: string }[] }[] = await broker.call("$node.list", { withServices: true });
  return known.filter(({ services }) => services.some(({ name }) => name === "auth")).length;
}
