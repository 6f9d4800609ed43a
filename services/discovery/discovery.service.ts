import type { TypedContext } from "../define-service";
import { contracts } from "../contracts";
import { defineService } from "../define-service";
import { discoveryContract } from "./discovery.contract";
import { presentDiscoverer } from "./present-discoverer";
import { type KnownNode, type KnownService, presentNode, presentServices } from "./present-registry";

/** Which nodes and services there are, and how they are. Calls nobody but Moleculer's own registry. */
export default defineService(discoveryContract, {
  mixins: [],

  actions: {
    async nodes(ctx) {
      const nodes = await registry<KnownNode>(ctx, "$node.list");
      const { discoverer } = presentDiscoverer(ctx.broker);
      const beats = discoverer === "heartbeats";
      return { items: nodes.map((node) => presentNode(node, beats)), next_cursor: null };
    },

    async services(ctx) {
      return { items: presentServices(await registry<KnownService>(ctx, "$node.services")), next_cursor: null };
    },

    async health(ctx) {
      const [nodes, services] = await Promise.all([
        registry<KnownNode>(ctx, "$node.list"),
        registry<KnownService>(ctx, "$node.services"),
      ]);
      const reachable = new Set(
        presentServices(services).flatMap(({ name, is_available }) => (is_available ? [name] : [])),
      );
      const house = Object.fromEntries(contracts.map(({ name }) => [name, reachable.has(name)]));
      return {
        is_healthy: Object.values(house).every((isUp) => isUp),
        services: house,
        nodes: nodes.filter(({ available }) => available).length,
        ...presentDiscoverer(ctx.broker),
      };
    },
  },

  channels: {},
});

function registry<Row>(ctx: TypedContext, action: string): Promise<Row[]> {
  const asked = { withServices: true, withActions: true, skipInternal: true, grouping: true };
  return ctx.broker.call(action, asked, { nodeID: ctx.broker.nodeID });
}
