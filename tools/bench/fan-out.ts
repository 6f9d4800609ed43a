import { Redis } from "ioredis";
import type { TimelineEntry } from "../../mixins/redis";
import { alternate, type Measured } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { countFeedItems, emptyFeeds, makeNaiveTable } from "./fan-out.repository";
import { authorWith, deliver, fanOutScene, type FanOutScene, FOLLOWERS, openTimelines, postOf } from "./fan-out-scene";
import { fanOutNaively, RawPipeline } from "./naive-fan-out";

/** In one round of ours. */
const POSTS = 2;
const ONE_IN = 10;

interface Sides {
  scene: FanOutScene;
  author: { id: number; followerIds: number[] };
  redis: Redis;
  raw: RawPipeline;
}

export const fanOut: Benchmark = {
  names: ["fanout_vs_naive", "fanout_vs_raw_zadd", "fanout_vs_naive_all_ready", "fanout_vs_raw_zadd_all_ready"],
  about: `Deliveries/s of ${POSTS} posts to ${FOLLOWERS} followers on a fleet, durable in PostgreSQL and in the timelines that are ready (one in ${ONE_IN}, or all): to the naive pattern on the tables of the design (VALUES of 500, then a pipeline of ZADD, trim and EXPIRE), and to ZADD alone on a bare socket.`,
  async run(lab) {
    const scene = await fanOutScene(lab);
    const author = await authorWith(scene, FOLLOWERS);
    const redis = new Redis(scene.urls["REDIS_URL"]!);
    lab.onEnd(async () => redis.disconnect());
    const raw = await RawPipeline.open(scene.urls["REDIS_URL"]!);
    lab.onEnd(async () => raw.close());
    await makeNaiveTable(scene.database.shards[0]!);
    const sides = { scene, author, redis, raw };

    const ready = author.followerIds.filter((_, i) => i % ONE_IN === 0);
    await openTimelines(scene, ready);
    const some = await measure("fanout_vs_naive", sides, ready);
    await openTimelines(scene, author.followerIds);
    const all = await measure("fanout_vs_naive_all_ready", sides, author.followerIds);
    return {
      rows: [
        rowOf("fanout_vs_naive", "deliveries/s", some.naive, "ratio >= 6"),
        rowOf("fanout_vs_raw_zadd", "deliveries/s", some.raw, "ratio >= 0.9"),
        rowOf("fanout_vs_naive_all_ready", "deliveries/s", all.naive),
        rowOf("fanout_vs_raw_zadd_all_ready", "deliveries/s", all.raw, "ratio >= 0.9"),
      ],
    };
  },
};

async function measure(title: string, sides: Sides, ready: readonly number[]): Promise<Record<"naive" | "raw", Measured>> {
  const { scene, author, redis, raw } = sides;
  const sql = scene.database.shards[0]!;
  await emptyFeeds(sql);
  const measured = await alternate(title, {
    ours: async () => {
      const posts = Array.from({ length: POSTS }, () => postOf(author.id, Date.now()));
      const rate = await rateOf(POSTS, () => deliver(scene, posts));
      await verify(sides, ready, posts);
      return { naive: rate, raw: rate };
    },
    reference: async () => ({
      naive: await rateOf(1, () => fanOutNaively(sql, redis, postOf(author.id, Date.now()))),
      raw: await rateOf(1, () => raw.addToAll(author.followerIds, postOf(author.id, Date.now()))),
    }),
  });
  return { naive: measured["naive"]!, raw: measured["raw"]! };
}

async function rateOf(posts: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (posts * FOLLOWERS * 1000) / (performance.now() - began);
}

/** Every follower has every post, and so has every timeline that was ready. */
async function verify({ scene }: Sides, ready: readonly number[], posts: readonly TimelineEntry[]): Promise<void> {
  const ids = posts.map(({ post_id }) => post_id);
  const stored = await countFeedItems(scene.database.shards[0]!, ids);
  if (stored !== POSTS * FOLLOWERS) throw new Error(`${stored} deliveries are stored, of ${POSTS * FOLLOWERS}.`);
  for (let i = 0; i < ready.length; i += 97) {
    const page = await scene.timelines.page(ready[i]!, undefined, POSTS);
    const shown = page?.entries.map(({ post_id }) => post_id) ?? [];
    if (!ids.every((id) => shown.includes(id))) throw new Error("A timeline that was ready lacks a post.");
  }
}
