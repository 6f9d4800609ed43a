import type { ServiceBroker } from "moleculer";
import type { Database } from "../../mixins/postgres";
import { followerDistribution } from "./people.repository";

/** Lower bounds of the classes that accounts are counted in by their followers. */
const CLASSES = [0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

/** It reads every row of counts, so not more often than this. */
const MEASURE_EVERY_MS = 600_000;

export interface GraphMetrics {
  countFollow(): void;
  countUnfollow(): void;
  /** Does nothing where it measured lately, unless asked to `now`. */
  measureFollowers(sql: Database, now?: boolean): Promise<void>;
}

/** Rate of follows and unfollows, and how followers are distributed over accounts. */
export function graphMetrics({ metrics }: ServiceBroker): GraphMetrics {
  if (metrics.isEnabled()) {
    metrics.register({ name: "graph.follows", type: "counter", description: "Follows that began." });
    metrics.register({ name: "graph.unfollows", type: "counter", description: "Follows that ended." });
    metrics.register({
      name: "graph.accounts.by_followers",
      type: "gauge",
      labelNames: ["at_least"],
      description: "Accounts with at least so many followers, and fewer than the next class.",
    });
  }
  let measuredAt = -Infinity;
  return {
    countFollow: () => void metrics.increment("graph.follows"),
    countUnfollow: () => void metrics.increment("graph.unfollows"),
    async measureFollowers(sql, now = false) {
      const isRecent = performance.now() - measuredAt < MEASURE_EVERY_MS;
      if (!metrics.isEnabled() || (isRecent && !now)) return;
      measuredAt = performance.now();
      const totals = await followerDistribution(sql, CLASSES);
      CLASSES.forEach((at_least, i) => metrics.set("graph.accounts.by_followers", totals[i] ?? 0, { at_least }));
    },
  };
}
