import { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { readinessOf } from "../../../mixins/readiness";
import { Storm } from "../../newsfeed/storm";
import { useFeeds } from "../../newsfeed/use-feeds";
import { describeOn } from "../../setup/servers";
import { eventually, type OwnRedis, startOwnRedis } from "./own-redis";

const SEED = 20_261_125;
const GUSTS = 20;

/** Newsfeed and graph stand on both nodes: each question goes to the other one. */
const placed = ["newsfeed", "graph", "graph", "newsfeed", "auth", "media", "posts"];

describeOn(["REDIS_URL", "DATABASE_URL"], "feeds on two nodes, and on a Redis that has accidents", () => {
  const env: Record<string, string> = { INFLUENCER_FOLLOWERS: "4", FEED_MAX_ITEMS: "15", NAMESPACE: "storm" };
  let redis: OwnRedis;
  beforeAll(async () => {
    redis = await startOwnRedis();
    env["REDIS_URL"] = redis.url;
  });
  const app = useFeeds({ env, nodes: 2 }, placed);
  afterAll(() => redis.stop());

  let storm: Storm;
  beforeAll(async () => {
    storm = new Storm(app, SEED);
    await storm.begin();
  });

  const brokers = (): ServiceBroker[] => app.instances("newsfeed").map(({ broker }) => broker);
  /** Pages from the cache, on each node. */
  const hits = (): number[] =>
    brokers().map(({ metrics }) => {
      return metrics.getMetric("newsfeed.cache.requests")?.get({ result: "hit" })?.value ?? 0;
    });
  const isReached = async () =>
    (await Promise.all(brokers().map(readinessOf))).every(({ checks }) => checks["redis"] === true);

  async function blow(gusts = GUSTS): Promise<void> {
    for (let i = 0; i < gusts; i += 1) await storm.gust();
  }

  const accidents: [string, () => Promise<void>][] = [
    ["nothing", async () => blow()],
    [
      "flushing",
      async () => {
        const raw = new Redis(redis.url);
        for (let i = 0; i < GUSTS; i += 1) await Promise.all([storm.gust(), raw.flushall()]);
        raw.disconnect();
      },
    ],
    [
      "killing it, and starting it again with what it had",
      async () => {
        await blow(3);
        await Promise.all([blow(), redis.kill().then(() => redis.restart())]);
      },
    ],
    [
      "taking from it what it had acknowledged",
      async () => {
        await redis.remember();
        await blow();
        await Promise.all([blow(3), redis.restartFromThen()]);
      },
    ],
    [
      "stopping it for a while",
      async () => {
        redis.pause();
        await blow();
        redis.resume();
      },
    ],
  ];

  it.each(accidents)(
    "are exact after %s",
    async (_, accident) => {
      await accident();
      expect(await eventually(isReached)).toBe(true);
      await app.expectExact(...storm.people);
      // From the cache too, on each node: for a second after it was silent Redis is not asked.
      const fromCache = async () => {
        const before = hits();
        await app.expectExact(...storm.people);
        return hits().every((count, i) => count > before[i]!);
      };
      expect(await eventually(fromCache)).toBe(true);
    },
    60_000,
  );

  it("learn what could not be told to one that went on holding their timelines", async () => {
    const [alice, bob] = [await app.user("alice"), await app.user("bob")];
    await app.follow(bob, alice);
    const [first, deleted] = [await app.post(alice), await app.post(alice)];
    const raw = new Redis(redis.url);
    const isKept = async () => {
      await app.expectExact(bob);
      return (await raw.exists(`storm:feed:${bob.id}`)) === 1;
    };
    expect(await eventually(isKept)).toBe(true);
    await raw.acl("SETUSER", "default", "-eval", "-evalsha");

    const late = await app.post(alice);
    await app.as(alice).call("posts.delete", { post_id: deleted.id });
    expect(await eventually(async () => (await app.walk(bob)).includes(late.id))).toBe(true);
    expect(await app.walk(bob)).toEqual([late.id, first.id]);

    await raw.acl("SETUSER", "default", "+eval", "+evalsha");
    expect(await raw.exists(`storm:feed:${bob.id}`)).toBe(1);
    raw.disconnect();
    await app.expectExact(bob);
    expect(await app.walk(bob)).toEqual([late.id, first.id]);
  }, 60_000);

  it("are right while it is gone, at once and for whoever is ready to answer", async () => {
    const [alice, bob] = [await app.user("alice"), await app.user("bob")];
    await redis.kill();
    try {
      await blow();
      for (const broker of brokers())
        expect(await readinessOf(broker)).toMatchObject({ is_ready: true, checks: { redis: false } });
      await app.follow(bob, alice);
      const post = await app.post(alice);
      expect(await eventually(async () => (await app.walk(bob)).includes(post.id))).toBe(true);
      await app.as(bob).call("newsfeed.hide", { post_id: post.id });
      expect(await app.walk(bob)).toEqual([]);
      await app.as(bob).call("newsfeed.unhide", { post_id: post.id });
      expect(await app.walk(bob)).toEqual([post.id]);
      await app.as(alice).call("graph.block", { user_id: bob.id });
      expect(await app.walk(bob)).toEqual([]);
    } finally {
      await redis.restart();
    }
    expect(await eventually(isReached)).toBe(true);
    await app.expectExact(...storm.people);
    // Hiding and showing again could not drop the timeline: that was done afterwards.
    const dropped = await app.published("feed.invalidated");
    expect(dropped.filter(({ user_id }) => user_id === bob.id)).toHaveLength(2);
  }, 60_000);
});
