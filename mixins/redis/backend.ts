import type { ServiceBroker } from "moleculer";
import type { Locks } from "./locks";
import { MemoryLocks } from "./memory-locks";
import { MemoryRateLimits } from "./memory-rate-limits";
import { MemoryTimelines } from "./memory-timelines";
import { MemoryVersionedCache } from "./memory-versioned-cache";
import type { RateLimits } from "./rate-limits";
import { linkOf, type RedisLink } from "./redis-link";
import { RedisLocks } from "./redis-locks";
import { RedisRateLimits } from "./redis-rate-limits";
import { RedisTimelines } from "./redis-timelines";
import { RedisVersionedCache } from "./redis-versioned-cache";
import type { Timelines } from "./timelines";
import type { VersionedCache } from "./versioned-cache";

/** Everything that is kept in Redis or in its place. */
export interface Backend {
  timelines(ttlSeconds: number): Timelines;
  locks(): Locks;
  rateLimits(): RateLimits;
  /** Caches of one name are one cache, on all nodes that share a Redis. */
  cache<Value extends object | string | number>(name: string, options?: { max?: number }): VersionedCache<Value>;
}

/** The choice of backend: Redis where the configuration names one, else the memory of this process. */
export function backendOf(broker: ServiceBroker): Backend {
  const link = linkOf(broker);
  return link === undefined ? inMemory : inRedis(link);
}

const inMemory: Backend = {
  timelines: (ttlSeconds) => new MemoryTimelines({ ttlSeconds }),
  locks: () => new MemoryLocks(),
  rateLimits: () => new MemoryRateLimits(),
  cache: (_name, options) => new MemoryVersionedCache(options),
};

function inRedis(link: RedisLink): Backend {
  return {
    timelines: (ttlSeconds) => new RedisTimelines(link, { ttlSeconds }),
    locks: () => new RedisLocks(link),
    rateLimits: () => new RedisRateLimits(link),
    cache: (name) => new RedisVersionedCache(link, { name }),
  };
}
