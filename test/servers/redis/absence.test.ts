import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RedisLink } from "../../../mixins/redis/redis-link";
import { RedisLocks } from "../../../mixins/redis/redis-locks";
import { RedisRateLimits } from "../../../mixins/redis/redis-rate-limits";
import { RedisTimelines } from "../../../mixins/redis/redis-timelines";
import { RedisVersionedCache } from "../../../mixins/redis/redis-versioned-cache";
import { startServer } from "../../../tools/servers/start-server";
import { describeOn } from "../../setup/servers";
import { tempRoot } from "../../setup/temp-root";
import { eventually, openLink, type OwnRedis, startOwnRedis } from "./own-redis";

const entry = { post_id: "a".repeat(24), user_id: 7, created_at_ms: 5 };
/** More than one wait for an answer, and less than two. */
const ONE_WAIT_MS = 900;
const YES_OR_NO = [() => true, () => false] as const;

describeOn(["REDIS_URL"], "a Redis that does not answer", () => {
  let redis: OwnRedis;
  let link: RedisLink;
  let timelines: RedisTimelines;
  let cache: RedisVersionedCache<string>;

  beforeEach(async () => {
    redis = await startOwnRedis();
    link = await openLink(redis.url);
    timelines = new RedisTimelines(link, { ttlSeconds: 300 });
    cache = new RedisVersionedCache(link, { name: "cache" });
    await cache.fill("a", 1, "value");
    expect(await cache.getMany(["a"])).toEqual(["value"]);
  });
  afterEach(async () => {
    redis.resume();
    link.close();
    await redis.stop();
  });

  it("is not what a node takes it for that was too busy itself to hear its answer", async () => {
    const asked = link.ping();
    for (const until = performance.now() + ONE_WAIT_MS; performance.now() < until;);
    await expect(asked).resolves.toBeUndefined();
  });

  const ways = [
    ["is gone", () => redis.kill(), () => redis.restart()],
    ["hangs", async () => redis.pause(), async () => redis.resume()],
  ] as const;

  it.each(ways)(
    "%s: readers do without at once, writers are told, and all goes on when it is back",
    async (_, end, begin) => {
      const limits = new RedisRateLimits(link);
      const locks = new RedisLocks(link);
      await limits.take("alice", 2);
      await end();

      const startedAt = performance.now();
      expect(await timelines.page(1, undefined, 10)).toBeUndefined();
      const token = await timelines.beginBuild(1);
      expect(await timelines.finishBuild(1, token, { entries: [], floor_ms: null, following_version: 1 })).toBe(false);
      await cache.fill("b", 1, "b");
      expect(await cache.getMany(["a", "b"])).toEqual([undefined, undefined]);
      expect(await locks.tryWith("lock", 1_000, async () => "in")).toBe("in");
      // One limit for all nodes becomes one for each: not open, and not shut.
      const verdicts = [];
      for (let i = 0; i < 3; i += 1) verdicts.push((await limits.take("alice", 2)).is_allowed);
      expect(verdicts).toEqual([true, true, false]);
      expect(performance.now() - startedAt).toBeLessThan(ONE_WAIT_MS);

      await expect(timelines.add([1], entry)).rejects.toMatchObject({ code: 503, type: "UNAVAILABLE" });
      await expect(timelines.remove([1], entry)).rejects.toMatchObject({ code: 503 });
      await expect(timelines.invalidate([1])).rejects.toMatchObject({ code: 503 });
      await expect(cache.raise("a", 2)).rejects.toMatchObject({ code: 503 });
      await expect(link.ping()).rejects.toMatchObject({ code: 503 });

      await begin();
      const isBack = async () => {
        await cache.fill("c", 1, "c");
        return (await cache.getMany(["c"]))[0] === "c";
      };
      expect(await eventually(isBack)).toBe(true);
      await cache.raise("c", 2);
      expect(await cache.getMany(["c"])).toEqual([undefined]);
    },
  );

  it("keeps a node from nothing at its start", async () => {
    await redis.kill();
    const late = await openLink(redis.url);
    const mine = new RedisVersionedCache<string>(late, { name: "cache" });
    expect(await mine.getMany(["a"])).toEqual([undefined]);
    await redis.restart();
    const isBack = async () => {
      await mine.fill("a", 1, "mine");
      return (await mine.getMany(["a"]))[0] === "mine";
    };
    expect(await eventually(isBack)).toBe(true);
    late.close();
  });
});

describeOn(["REDIS_CLUSTER_URL"], "a Cluster of which one master dies", () => {
  it("is done without, also by those whose keys lie elsewhere, and is whole again when that is back", async () => {
    const folder = await mkdtemp(join(tempRoot(), "emulsion-cluster-"));
    const cluster = await startServer("redis-cluster", { folder });
    const link = await openLink(cluster.env["REDIS_URL"]!);
    try {
      const timelines = new RedisTimelines(link, { ttlSeconds: 300 });
      const viewers = Array.from({ length: 30 }, (_, i) => i + 1);
      const open = async (viewerId: number) => {
        const token = await timelines.beginBuild(viewerId);
        return timelines.finishBuild(viewerId, token, { entries: [], floor_ms: null, following_version: 1 });
      };
      const areShown = async () =>
        (await Promise.all(viewers.map((id) => timelines.page(id, undefined, 5)))).map((page) => page !== undefined);
      await Promise.all(viewers.map(open));
      expect(await areShown()).toEqual(viewers.map(() => true));

      await cluster.kill(1);
      const startedAt = performance.now();
      expect(await areShown()).toContain(false);
      expect(performance.now() - startedAt).toBeLessThan(ONE_WAIT_MS);
      await expect(timelines.add(viewers, entry)).rejects.toMatchObject({ code: 503 });

      await cluster.restart(1);
      const areTold = () => timelines.add(viewers, entry).then(...YES_OR_NO);
      expect(await eventually(areTold)).toBe(true);
      // What was on the dead one was there again, but of another history.
      expect(await areShown()).toContain(false);
      await Promise.all(viewers.map(open));
      expect(await areShown()).toEqual(viewers.map(() => true));
    } finally {
      link.close();
      await cluster.kill();
      await cluster.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
