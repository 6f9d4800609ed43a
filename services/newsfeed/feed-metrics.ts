import type { ServiceBroker } from "moleculer";

/** Upper bounds of the latency histogram, in ms. */
const BUCKETS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/** What is used here of Moleculer's histogram. */
interface Bucketed {
  createBucketValues: () => Record<number, number>;
}

export interface FeedMetrics {
  countCache(result: "hit" | "miss"): void;
  /** A first page, by the way that it was made. */
  observePage(way: "warm" | "plain", startedMs: number): void;
  countRebuild(): void;
  countDelivered(rows: number): void;
  observeRead(startedMs: number): void;
}

/** Latency of feed reads, how often a timeline was cached, and rebuilds. */
export function feedMetrics({ metrics }: ServiceBroker): FeedMetrics {
  if (metrics.isEnabled()) {
    const times = metrics.register({
      name: "newsfeed.read.ms",
      type: "histogram",
      unit: "millisecond",
      buckets: BUCKETS_MS,
      description: "Time that a page of a feed took.",
    }) as Bucketed | null;
    // Moleculer counts under each bound in an object, and numbers far apart make that a slow one: ten times the cost of this array.
    if (times) times.createBucketValues = () => new Float64Array(BUCKETS_MS.at(-1)! + 1);
    metrics.register({
      name: "newsfeed.cache.requests",
      type: "counter",
      labelNames: ["result"],
      description: "Timelines asked of the cache: result hit or miss.",
    });
    metrics.register({
      name: "newsfeed.pages",
      type: "counter",
      labelNames: ["way"],
      description: "Newest pages by the way that they were made: warm or plain.",
    });
    metrics.register({ name: "newsfeed.rebuilds", type: "counter", description: "Feeds computed anew." });
    metrics.register({
      name: "newsfeed.deliveries",
      type: "counter",
      description: "Followers that posts were pushed to.",
    });
  }
  return {
    countCache: (result) => void metrics.increment("newsfeed.cache.requests", { result }),
    observePage(way, startedMs) {
      metrics.increment("newsfeed.pages", { way });
      metrics.observe("newsfeed.read.ms", performance.now() - startedMs);
    },
    countRebuild: () => void metrics.increment("newsfeed.rebuilds"),
    countDelivered: (rows) => void metrics.increment("newsfeed.deliveries", undefined, rows),
    observeRead: (startedMs) => void metrics.observe("newsfeed.read.ms", performance.now() - startedMs),
  };
}
