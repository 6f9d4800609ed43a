import type { ServiceBroker } from "moleculer";
import type { Locks } from "./locks";
import { MemoryLocks } from "./memory-locks";
import { MemoryRateLimits } from "./memory-rate-limits";
import { MemorySnapshots } from "./memory-snapshots";
import { MemoryStamps } from "./memory-stamps";
import { MemoryTimelines } from "./memory-timelines";
import { MemoryVersionedCache } from "./memory-versioned-cache";
import type { RateLimits } from "./rate-limits";
import { linkOf, type RedisLink } from "./redis-link";
import { RedisLocks } from "./redis-locks";
import { RedisRateLimits } from "./redis-rate-limits";
import { RedisSnapshots } from "./redis-snapshots";
import { RedisStamps } from "./redis-stamps";
import { RedisTimelines } from "./redis-timelines";
import { RedisVersionedCache } from "./redis-versioned-cache";
import type { Snapshots } from "./snapshots";
import type { Stamps } from "./stamps";
import type { Timelines } from "./timelines";
import type { VersionedCache } from "./versioned-cache";

/** Everything that is kept in Redis or in its place. */
export interface Backend {
  timelines(ttlSeconds: number): { timelines: Timelines; snapshots: Snapshots };
  stamps(): Stamps;
  locks(): Locks;
  rateLimits(): RateLimits;
  /** Caches of one name are one cache, on all nodes that share a Redis. */
  cache<Value extends object | string | number>(name: string, options?: { max?: number }): VersionedCache<Value>;
}

/** The choice of backend: Redis where the configuration names one, else the memory of this process. */
export function backendOf(broker: ServiceBroker): Backend {
  const link = linkOf(broker);
  return link === undefined ? inMemory(stampsIn(broker.namespace)) : inRedis(link);
}

/** One service takes them away and another reads them, in a test also on another broker of the process. */
const memoryStamps = new Map<string, MemoryStamps>();

function stampsIn(namespace: string): MemoryStamps {
  const known = memoryStamps.get(namespace) ?? new MemoryStamps();
  memoryStamps.set(namespace, known);
  return known;
}

function inMemory(stamps: MemoryStamps): Backend {
  return {
    timelines(ttlSeconds) {
      const timelines = new MemoryTimelines({ ttlSeconds });
      return { timelines, snapshots: new MemorySnapshots(timelines, stamps) };
    },
    stamps: () => stamps,
    locks: () => new MemoryLocks(),
    rateLimits: () => new MemoryRateLimits(),
    cache: (_name, options) => new MemoryVersionedCache(options),
  };
}

function inRedis(link: RedisLink): Backend {
  const stamps = new RedisStamps(link);
  return {
    timelines(ttlSeconds) {
      const timelines = new RedisTimelines(link, { ttlSeconds });
      return { timelines, snapshots: new RedisSnapshots(link, timelines, stamps) };
    },
    stamps: () => stamps,
    locks: () => new RedisLocks(link),
    rateLimits: () => new RedisRateLimits(link),
    cache: (name) => new RedisVersionedCache(link, { name }),
  };
}
