import type { Service, ServiceSchema } from "moleculer";
import { configOf } from "../../lib/config";
import type { Locks } from "./locks";
import { MemoryLocks } from "./memory-locks";
import { MemoryTimelines } from "./memory-timelines";
import type { Timelines } from "./timelines";
import type { TimelineEntry } from "./timelines";
import type { VersionedCache } from "./versioned-cache";
import { MemoryVersionedCache } from "./versioned-cache-memory";

export type { Locks } from "./locks";
export {
  byNewest,
  TIMELINE_LEAST,
  TIMELINE_MOST,
  type TimelineEntry,
  type TimelineFloor,
  type TimelinePage,
  type TimelinePosition,
  type Timelines,
} from "./timelines";
export type { VersionedCache } from "./versioned-cache";

/** The newest pulled posts of one author. */
export interface NewestPulled {
  entries: TimelineEntry[];
  /** Nothing older exists. */
  is_all: boolean;
}

/** What a feed keeps in the cache. */
export interface FeedCaches {
  timelines: Timelines;
  locks: Locks;
  /** By author. */
  newestPulled: VersionedCache<NewestPulled>;
  /** The set of authors who have pulled posts, under one id. */
  pulledAuthors: VersionedCache<number[]>;
}

/** Gives a service `this.timelines`, `this.locks` and the caches of pulled posts, there before its own `created` runs. */
export function timelines(): Partial<ServiceSchema> & { readonly __provides?: FeedCaches } {
  return {
    created(this: Service & Partial<FeedCaches>) {
      Object.assign(this, openCaches(configOf(this.broker).feedTtlSeconds));
    },
  };
}

/** The choice of backend. */
function openCaches(ttlSeconds: number): FeedCaches {
  return {
    timelines: new MemoryTimelines({ ttlSeconds }),
    locks: new MemoryLocks(),
    newestPulled: new MemoryVersionedCache<NewestPulled>({ max: 10_000 }),
    pulledAuthors: new MemoryVersionedCache<number[]>(),
  };
}
