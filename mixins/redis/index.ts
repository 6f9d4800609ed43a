import type { Middleware, Service, ServiceBroker, ServiceSchema } from "moleculer";
import { configOf } from "../../lib/config";
import { usesStore } from "../../lib/stores";
import { addReadinessNote } from "../readiness";
import { backendOf } from "./backend";
import type { Locks } from "./locks";
import type { RateLimits } from "./rate-limits";
import { linkOf } from "./redis-link";
import type { Snapshots } from "./snapshots";
import type { Stamps } from "./stamps";
import type { Timelines } from "./timelines";
import type { TimelineEntry } from "./timelines";
import type { VersionedCache } from "./versioned-cache";

export type { Locks } from "./locks";
export { mediaUrlsOf, type MediaUrls } from "./media-urls";
export type { RateLimits } from "./rate-limits";
export type { Snapshot, Snapshots, Taken } from "./snapshots";
export { type Stamps, stampOf, stampsOf, touch } from "./stamps";
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
  snapshots: Snapshots;
  stamps: Stamps;
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
      const backend = backendOf(this.broker);
      const caches: FeedCaches = {
        ...backend.timelines(configOf(this.broker).feedTtlSeconds),
        stamps: backend.stamps(),
        locks: backend.locks(),
        newestPulled: backend.cache<NewestPulled>("pulled", { max: 10_000 }),
        pulledAuthors: backend.cache<number[]>("pulled-authors"),
      };
      Object.assign(this, caches);
    },
  };
}

export function rateLimitsOf(broker: ServiceBroker): RateLimits {
  return backendOf(broker).rateLimits();
}

/** Has the Redis of a node that uses one connected before its first service starts, and closes the connection after the last one stopped. */
export function redisMiddleware(): Middleware {
  return {
    name: "Redis",
    async starting(broker: ServiceBroker) {
      const link = usesStore(configOf(broker), "redis") ? linkOf(broker) : undefined;
      if (link === undefined) return;
      await link.open();
      // A node is right without it: no reason to turn people away.
      addReadinessNote(broker, "redis", () => link.ping());
    },
    async stopped(broker: ServiceBroker) {
      linkOf(broker)?.close();
    },
  };
}
