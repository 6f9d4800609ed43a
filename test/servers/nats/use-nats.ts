import { type BrokerOptions, ServiceBroker, type ServiceSchema } from "moleculer";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "../../../lib/config";
import type { ServiceContract } from "../../../lib/contract";
import { attachContracts } from "../../../mixins/channels";
import { brokerOptions } from "../../../node/broker-options";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";

interface NodeOptions {
  env?: Record<string, string>;
  /** What the house is taken for: groups whose events are sent. */
  contracts?: readonly ServiceContract[];
  /** Numbers that a test cannot wait for. */
  change?: (options: BrokerOptions) => BrokerOptions;
}

/** A NATS of one test file's own, which it may kill, and nodes that are wired as those of a fleet are. */
export class Nats {
  server!: RunningServer;
  private folder!: string;
  private readonly nodes: ServiceBroker[] = [];
  private readonly namespace = `test-${randomBytes(6).toString("hex")}`;

  constructor(private readonly extra: readonly string[]) {}

  async start(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "emulsion-nats-"));
    this.server = await startServer("nats", { folder: this.folder, extra: this.extra });
  }

  async stop(): Promise<void> {
    await this.stopNodes();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async stopNodes(): Promise<void> {
    await Promise.all(this.nodes.splice(0).map((node) => node.stop()));
  }

  get env(): Record<string, string> {
    return { ...this.server.env, NAMESPACE: this.namespace, LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "fatal" };
  }

  /** A broker with these services, which need not be the product's. When it resolves all nodes know of them. */
  async node(
    nodeID: string,
    schemas: readonly ServiceSchema[] = [],
    { env = {}, contracts = [], change = (options) => options }: NodeOptions = {},
  ): Promise<ServiceBroker> {
    const config = loadConfig({ ...this.env, ...env }, { services: [] });
    const options = { ...brokerOptions(config), nodeID, skipProcessEventRegistration: true };
    const node = new ServiceBroker(change(options));
    attachContracts(node, contracts);
    for (const schema of schemas) node.createService(schema);
    this.nodes.push(node);
    await node.start();
    await this.untilAllKnow(nodeID, schemas);
    return node;
  }

  /** Stops one node as SIGTERM would. */
  async stopNode(node: ServiceBroker): Promise<void> {
    this.nodes.splice(this.nodes.indexOf(node), 1);
    await node.stop();
  }

  private async untilAllKnow(nodeID: string, schemas: readonly ServiceSchema[]): Promise<void> {
    const offers = async (asked: ServiceBroker): Promise<string[]> => {
      const known: { id: string; services: { name: string }[] }[] = await asked.call("$node.list", {
        withServices: true,
      });
      return known.find(({ id }) => id === nodeID)?.services.map(({ name }) => name) ?? [];
    };
    for (const asked of this.nodes) {
      await until(async () => {
        const names = await offers(asked);
        return names.includes("$node") && schemas.every(({ name }) => names.includes(name));
      });
    }
  }
}

/** @throws when it is not so within ten seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await isSo()); await sleep(20))
    if (Date.now() > deadline) throw new Error("It did not come true in time.");
}

export function useNats(...extra: string[]): Nats {
  const nats = new Nats(extra);
  beforeAll(() => nats.start(), 60_000);
  afterEach(() => nats.stopNodes(), 60_000);
  afterAll(() => nats.stop(), 60_000);
  return nats;
}
