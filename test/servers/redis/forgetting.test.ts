import { Redis } from "ioredis";
import type { RedisLink } from "../../../mixins/redis/redis-link";
import { RedisTimelines } from "../../../mixins/redis/redis-timelines";
import { RedisVersionedCache } from "../../../mixins/redis/redis-versioned-cache";
import type { TimelineEntry } from "../../../mixins/redis/timelines";
import { describeOn } from "../../setup/servers";
import { eventually, openLink, type OwnRedis, startOwnRedis } from "./own-redis";

const entry = (created_at_ms: number): TimelineEntry => ({
  post_id: created_at_ms.toString(16).padStart(24, "0"),
  user_id: 7,
  created_at_ms,
});
const whole = (...entries: TimelineEntry[]) => ({ entries, floor_ms: null, following_version: 1 });
const NAMESPACE = "forgetting";
const [alice, bob, carol] = [1, 2, 3] as const;

/** PostgreSQL has what Redis acknowledged and lost: what Redis still holds of then must not be shown. */
describeOn(["REDIS_URL"], "what Redis forgets", () => {
  let redis: OwnRedis;
  let link: RedisLink;
  let timelines: RedisTimelines;
  let cache: RedisVersionedCache<string>;

  beforeEach(async () => {
    redis = await startOwnRedis();
    await connect(redis.url);
  });
  afterEach(async () => {
    link.close();
    await redis.stop();
  });

  async function connect(url: string): Promise<void> {
    link?.close();
    link = await openLink(url, NAMESPACE);
    timelines = new RedisTimelines(link, { ttlSeconds: 300 });
    cache = new RedisVersionedCache(link, { name: "cache" });
  }
  async function build(viewerId: number, ...entries: TimelineEntry[]): Promise<void> {
    const token = await timelines.beginBuild(viewerId);
    expect(await timelines.finishBuild(viewerId, token, whole(...entries))).toBe(true);
  }
  const page = (viewerId: number) => timelines.page(viewerId, undefined, 10);

  it("is missed by no timeline: after a loss each is built anew, and none that was begun before is finished", async () => {
    await build(alice, entry(1));
    await build(bob, entry(1));
    const begun = await timelines.beginBuild(carol);
    await cache.fill("a", 1, "old");
    await redis.remember();
    await timelines.add([alice, carol], entry(2));
    await timelines.invalidate([bob]);
    await cache.raise("a", 2);

    await redis.restartFromThen();
    await connect(redis.url);
    // It still holds them as they were then, and that this proves something:
    const raw = new Redis(redis.url);
    expect(await raw.zcard(link.key(`feed:${alice}`))).toBe(2);
    expect(await raw.exists(link.key(`feed:${bob}`), link.key(`feed:${carol}`), link.key("cache:a"))).toBe(3);
    raw.disconnect();
    expect(await page(alice)).toBeUndefined();
    expect(await page(bob)).toBeUndefined();
    expect(await timelines.finishBuild(carol, begun, whole(entry(1)))).toBe(false);
    expect(await page(carol)).toBeUndefined();
    expect(await cache.getMany(["a"])).toEqual([undefined]);

    await build(alice, entry(2), entry(1));
    expect((await page(alice))?.entries).toEqual([entry(2), entry(1)]);
  });

  it("is missed by no timeline when a replica that lags is promoted", async () => {
    const replica = await startOwnRedis("--replicaof", "127.0.0.1", redis.port);
    const raw = new Redis(replica.url);
    const hasCopy = (viewerId: number, members: number) =>
      eventually(async () => (await raw.zcard(link.key(`feed:${viewerId}`))) === members);
    try {
      await build(bob, entry(1));
      expect(await hasCopy(bob, 2)).toBe(true);
      // Before it takes its first replica a server is of another history, so alice's is built now.
      await build(alice, entry(1));
      expect(await hasCopy(alice, 2)).toBe(true);
      // Cut off, it is told nothing more.
      await raw.replicaof("127.0.0.1", 1);
      await timelines.add([alice], entry(2));
      await redis.kill();
      await raw.replicaof("NO", "ONE");
      expect(await hasCopy(alice, 2)).toBe(true);

      await connect(replica.url);
      expect(await page(alice)).toBeUndefined();
      await build(alice, entry(2), entry(1));
      expect(await page(alice)).toBeDefined();
    } finally {
      raw.disconnect();
      await replica.stop();
    }
  });

  it("leaves nothing when all is flushed, also of a build that is under way", async () => {
    await build(alice, entry(1));
    const begun = await timelines.beginBuild(bob);
    const raw = new Redis(redis.url);
    await raw.flushall();
    raw.disconnect();
    await timelines.add([alice, bob], entry(2));
    expect(await page(alice)).toBeUndefined();
    expect(await timelines.finishBuild(bob, begun, whole(entry(1)))).toBe(false);
    expect(await page(bob)).toBeUndefined();
  });

  it("is learned anew by a connection that outlives a restart", async () => {
    await build(alice, entry(1));
    await redis.kill();
    expect(await page(alice)).toBeUndefined();
    await redis.restart();
    const again = async () =>
      timelines.finishBuild(alice, await timelines.beginBuild(alice), whole(entry(2), entry(1)));
    expect(await eventually(again)).toBe(true);
    expect((await page(alice))?.entries).toEqual([entry(2), entry(1)]);
  });
});
