import type { ServiceBroker } from "moleculer";
import type { VersionedCache } from "./versioned-cache";
import { MemoryVersionedCache } from "./versioned-cache-memory";

/** The cache of what stands between two people, by `relationKey`, at the `following_version` of the one who looks. */
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
  const cache = new MemoryVersionedCache<Relation>();
  return {
    fill: (id, version, value) => cache.fill(id, version, value),
    raise: (id, version) => cache.raise(id, version),
    async getMany(ids) {
      const found = await cache.getMany(ids);
      const hits = found.filter((value) => value !== undefined).length;
      if (hits > 0) metrics.increment("graph.cache.requests", { result: "hit" }, hits);
      if (hits < ids.length) metrics.increment("graph.cache.requests", { result: "miss" }, ids.length - hits);
      return found;
    },
  };
}

/** What the viewer may see of the other, and does to them: a pair in this order. */
export function relationKey(viewerId: number, otherId: number): string {
  return `${viewerId}:${otherId}`;
}
