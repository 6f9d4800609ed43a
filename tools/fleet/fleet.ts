import { join } from "node:path";
import { guard } from "../servers/guard-server";
import { FleetNode } from "./fleet-node";

/** A node for each service, and two of those that many ask at once. */
export const wholeFleet: readonly (readonly string[])[] = [
  ["auth"],
  ["graph"],
  ["media"],
  ["posts"],
  ["newsfeed"],
  ["newsfeed"],
  ["discovery"],
  ["api"],
  ["api"],
];

/** Nodes that are one system: they share the servers that the environment names. Ended when this process ends, however that is. */
export class Fleet {
  readonly nodes: FleetNode[] = [];
  private numbers = 0;

  private constructor(
    private readonly folder: string,
    private readonly env: Record<string, string>,
    private readonly dist: string | undefined,
    private readonly dismissGuard: () => void,
  ) {}

  /** Nothing runs yet. With `dist` its nodes run the compiled product of that folder. */
  static async open(folder: string, env: Record<string, string>, dist?: string): Promise<Fleet> {
    return new Fleet(folder, env, dist, await guard(folder));
  }

  /** Starts nodes, all at once: each waits for the services that it depends on. */
  async start(plan: readonly (readonly string[])[]): Promise<FleetNode[]> {
    // Numbered before anything is waited for: several may be asked for at once.
    const places = plan.map((services) => ({ services, folder: join(this.folder, `node-${(this.numbers += 1)}`) }));
    const nodes = await Promise.all(
      places.map(({ services, folder }) => FleetNode.open(services, folder, this.env, this.dist)),
    );
    this.nodes.push(...nodes);
    await Promise.all(nodes.map((node) => node.start()));
    return nodes;
  }

  of(service: string): FleetNode[] {
    return this.nodes.filter(({ services }) => services.includes(service));
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
    this.dismissGuard();
  }
}
