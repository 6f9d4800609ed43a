import { setTimeout as sleep } from "node:timers/promises";

import { mediaUrls } from "../../../mixins/redis/media-urls";
import { RedisLocks } from "../../../mixins/redis/redis-locks";
import { RedisRateLimits } from "../../../mixins/redis/redis-rate-limits";
import { RedisSnapshots } from "../../../mixins/redis/redis-snapshots";
import { RedisStamps } from "../../../mixins/redis/redis-stamps";
import { RedisTimelines } from "../../../mixins/redis/redis-timelines";
import { RedisVersionedCache } from "../../../mixins/redis/redis-versioned-cache";
import { locksConformance } from "../../mixins/redis/locks.conformance";
import { mediaUrlsConformance } from "../../mixins/redis/media-urls.conformance";
import { describeRateLimits } from "../../mixins/redis/rate-limits.conformance";
import { stampsConformance } from "../../mixins/redis/stamps.conformance";
import { timelinesConformance } from "../../mixins/redis/timelines.conformance";
import { versionedCacheConformance } from "../../mixins/redis/versioned-cache.conformance";
import { describeOn, serverUrl } from "../../setup/servers";
import { openLink } from "./own-redis";

/** Real time passes here: as long as a busy machine needs, as short as a test may take. */
const TTL_MS = 1_200;
const LONGEST_LIFE_MS = 3_600;

for (const [name, url] of [
  ["one server", "REDIS_URL"],
  ["a Cluster", "REDIS_CLUSTER_URL"],
] as const) {
  describeOn([url], `Redis as ${name}`, () => {
    timelinesConformance(name, async () => {
      const link = await openLink(serverUrl(url));
      const lives = { ttlSeconds: TTL_MS / 1000, longestLifeMs: LONGEST_LIFE_MS };
      const mortal = { timelines: new RedisTimelines(link, lives), ttlMs: TTL_MS, longestLifeMs: LONGEST_LIFE_MS };
      const timelines = new RedisTimelines(link, { ttlSeconds: 300 });
      return { timelines, mortal, pass: sleep, close: () => link.close() };
    });

    stampsConformance(name, async () => {
      const link = await openLink(serverUrl(url));
      const stamps = new RedisStamps(link, TTL_MS);
      const timelines = new RedisTimelines(link, { ttlSeconds: 300 });
      const snapshots = new RedisSnapshots(link, timelines, stamps);
      return { stamps, timelines, snapshots, passLife: () => sleep(TTL_MS + 1), close: () => link.close() };
    });

    locksConformance(name, async () => {
      const link = await openLink(serverUrl(url));
      return { locks: new RedisLocks(link), ttlMs: TTL_MS, pass: sleep, close: () => link.close() };
    });

    describeRateLimits(name, async () => {
      const link = await openLink(serverUrl(url));
      return { limits: new RedisRateLimits(link), close: () => link.close() };
    });

    versionedCacheConformance(name, async () => {
      const link = await openLink(serverUrl(url));
      const cache = new RedisVersionedCache<{ text: string }>(link, { name: "cache", ttlMs: TTL_MS });
      return { cache, passTtl: () => sleep(TTL_MS + 1), close: () => link.close() };
    });

    mediaUrlsConformance(name, async () => {
      const link = await openLink(serverUrl(url));
      const urls = mediaUrls<{ text: string }>(
        new RedisVersionedCache(link, { name: "upload" }),
        new RedisVersionedCache(link, { name: "object" }),
      );
      return { urls, close: () => link.close() };
    });
  });
}
