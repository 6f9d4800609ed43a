import { readFile } from "node:fs/promises";
import type { FleetNode } from "../fleet/fleet-node";
import type { RunningServer, ServerName } from "../servers/start-server";
import type { Stage } from "./stage";

/** A process, or the few that are one server, that faults befall. */
export interface Target {
  name: string;
  server?: ServerName;
  kill(): Promise<void>;
  /** In good order. */
  stop(): Promise<void>;
  /** Resolves when it serves again. More settings hold until it ends. */
  start(more?: Record<string, string>): Promise<void>;
  pids(): Promise<number[]>;
}

export interface NodeTarget extends Target {
  node: FleetNode;
}

export function isNode(target: Target): target is NodeTarget {
  return "node" in target;
}

/** The others of the same services: what one of them does not do, another does. */
export function peersOf(target: NodeTarget, targets: readonly Target[]): NodeTarget[] {
  const services = String(target.node.services);
  return targets.filter(isNode).filter((one) => one !== target && String(one.node.services) === services);
}

/** All that runs in a run: every node, and every server, each shard by itself. */
export function targetsOf({ fleet, servers }: Stage): Target[] {
  const numbers = new Map<string, number>();
  const nodes = fleet.nodes.map((node): NodeTarget => {
    const services = node.services.join("+");
    const number = (numbers.get(services) ?? 0) + 1;
    numbers.set(services, number);
    return {
      name: `${services} ${number}`,
      node,
      kill: () => node.kill(),
      stop: () => node.stop(),
      start: (more) => node.start(more),
      pids: async () => [await node.pid()].filter((pid) => pid !== undefined),
    };
  });
  return [...nodes, ...servers.flatMap(serverTargets)];
}

function serverTargets(server: RunningServer): Target[] {
  const isMany = server.pids.length > 1;
  return server.pids.map((_, index) => ({
    name: isMany ? `${server.name} ${index + 1}` : server.name,
    server: server.name,
    kill: () => server.kill(index),
    // A start on a folder first ends in good order what runs there.
    stop: async () => undefined,
    start: () => server.restart(index),
    pids: async () => withChildren(server.pids[index]!),
  }));
}

/** PostgreSQL serves each connection by a process of its own: stopping the first alone would stop nothing. */
async function withChildren(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return [pid, ...children.split(" ").filter(Boolean).map(Number)];
}
