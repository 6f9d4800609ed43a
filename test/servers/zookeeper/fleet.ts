import { type BrokerOptions, ServiceBroker } from "moleculer";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { projectRoot } from "../../../lib/project-root";
import { nodeOptions, type NodeSettings } from "./node-options";

export type FleetSettings = Pick<NodeSettings, "natsUrl" | "zookeeperUrl" | "sessionTimeoutMs">;

/** Nodes that share a namespace of their own: brokers of this process, and child processes that a test may kill. */
export class Fleet {
  readonly namespace = `test-${randomBytes(6).toString("hex")}`;
  private readonly brokers: ServiceBroker[] = [];
  private readonly children: ChildProcess[] = [];

  constructor(private readonly settings: FleetSettings) {}

  /** Not started; its service `at-<id>` answers `ping` with its id. */
  broker(nodeID: string, settings: Partial<NodeSettings> = {}, options: BrokerOptions = {}): ServiceBroker {
    const { namespace } = this;
    const own = nodeOptions({ ...this.settings, nodeID, namespace, ...settings });
    const broker = new ServiceBroker({ ...own, ...options });
    broker.createService({ name: `at-${nodeID}`, actions: { ping: () => nodeID } });
    this.brokers.push(broker);
    return broker;
  }

  async start(...nodeIDs: string[]): Promise<ServiceBroker[]> {
    const brokers = nodeIDs.map((nodeID) => this.broker(nodeID));
    await Promise.all(brokers.map((broker) => broker.start()));
    return brokers;
  }

  spawn(nodeID: string): ChildProcess {
    const settings: NodeSettings = { ...this.settings, nodeID, namespace: this.namespace };
    const file = join(projectRoot, "test/servers/zookeeper/node-process.ts");
    const child = spawn(process.execPath, ["--import", "tsx", file, JSON.stringify(settings)], {
      cwd: projectRoot,
      stdio: ["ignore", "ignore", "inherit"],
    });
    this.children.push(child);
    return child;
  }

  async stop(): Promise<void> {
    for (const child of this.children) await kill(child);
    await Promise.all(this.brokers.map((broker) => broker.stop()));
  }
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

/** Ids of the nodes that this one takes for present, itself among them. */
export function knownTo(broker: ServiceBroker): string[] {
  return broker.registry.nodes
    .toArray()
    .filter(({ available }) => available)
    .map(({ id }) => id)
    .sort();
}

/** Milliseconds until it holds. @throws when it does not in time, with what was there instead. */
export async function until<T>(look: () => T, holds: (seen: T) => boolean, timeoutMs = 5000): Promise<number> {
  const start = performance.now();
  for (;;) {
    const seen = look();
    const took = performance.now() - start;
    if (holds(seen)) return took;
    if (took > timeoutMs) throw new Error(`Not within ${timeoutMs} ms; last: ${JSON.stringify(seen)}`);
    await pause(10);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Milliseconds until this node knows exactly these. */
export function untilKnown(broker: ServiceBroker, ids: readonly string[], timeoutMs?: number): Promise<number> {
  const wanted = JSON.stringify([...ids].sort());
  return until(
    () => knownTo(broker),
    (seen) => JSON.stringify(seen) === wanted,
    timeoutMs,
  );
}

/** Who left this node's registry from now on. */
export function disconnectsSeenBy(broker: ServiceBroker): { id: string; unexpected: boolean }[] {
  const seen: { id: string; unexpected: boolean }[] = [];
  broker.localBus.on("$node.disconnected", ({ node, unexpected }: { node: { id: string }; unexpected: boolean }) =>
    seen.push({ id: node.id, unexpected }),
  );
  return seen;
}
