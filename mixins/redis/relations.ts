import type { ServiceBroker } from "moleculer";
import { UnavailableError } from "../../lib/errors";
import { backendOf } from "./backend";
import type { VersionedCache } from "./versioned-cache";

/**
 * The cache of what stands between two people, by `relationKey`, at the `following_version` of the one who looks. A change that
 * cannot be told to it stands all the same: what is cached of before ends within 30 s.
 */
export function relationsOf<Relation extends object>(broker: ServiceBroker): VersionedCache<Relation> {
  const { metrics } = broker;
  if (metrics.isEnabled()) {
    metrics.register({
      name: "graph.cache.requests",
      type: "counter",
      labelNames: ["result"],
      description: "Relations asked of the cache: result hit or miss.",
    });
  }
  const cache = backendOf(broker).cache<Relation>("relation");
  return {
    fill: (id, version, value) => cache.fill(id, version, value),
    async raise(id, version) {
      try {
        await cache.raise(id, version);
      } catch (error) {
        if (!(error instanceof UnavailableError)) throw error;
      }
    },
    async getMany(ids) {
      const found = await cache.getMany(ids);
      const hits = found.filter((value) => value !== undefined).length;
      if (hits > 0) metrics.increment("graph.cache.requests", { result: "hit" }, hits);
      if (hits < ids.length) metrics.increment("graph.cache.requests", { result: "miss" }, ids.length - hits);
      return found;
    },
  };
}

/** What the viewer may see of the other, and does to them: a pair in this order. One viewer's lie together on a Cluster. */
export function relationKey(viewerId: number, otherId: number): string {
  return `{${viewerId}}:${otherId}`;
}
