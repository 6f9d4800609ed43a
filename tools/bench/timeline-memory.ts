import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { newId, newUserId } from "../../lib/ids";
import { RedisLink } from "../../mixins/redis/redis-link";
import { RedisTimelines } from "../../mixins/redis/redis-timelines";
import { TIMELINE_MOST, type TimelineEntry } from "../../mixins/redis/timelines";
import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";

const TIMELINES = 200;
const MINUTE_MS = 60_000;
const PAUSE_MS = 200;

export const timelineMemory: Benchmark = {
  names: ["timeline_bytes_per_entry"],
  about: `Bytes of Redis for each entry of ${TIMELINES} full timelines, by MEMORY USAGE, their keys and markers included; to as many ZSETs with one entry more than Redis keeps in its compact form, whose members are the ids of posts alone.`,
  async run(lab) {
    const urls = await lab.urls("redis");
    const link = new RedisLink([urls["REDIS_URL"]!], "", console);
    await link.open();
    lab.onEnd(async () => link.close());
    const redis = new Redis(urls["REDIS_URL"]!);
    lab.onEnd(async () => redis.disconnect());
    const timelines = new RedisTimelines(link, { ttlSeconds: 3_600 });
    const measured = await alternate("timeline_bytes_per_entry", {
      ours: async () => ({ bytes: await bytesOf(redis, await fill(timelines), TIMELINE_MOST) }),
      reference: async () => ({ bytes: await bytesOf(redis, await fillPlainly(redis), TIMELINE_MOST + 2) }),
    });
    return { rows: [rowOf("timeline_bytes_per_entry", "bytes", measured["bytes"]!, "value <= 45")] };
  },
};

/** Opens timelines that are as full as can be, one after the other. Answers their keys. */
async function fill(timelines: RedisTimelines): Promise<string[]> {
  const keys: string[] = [];
  while (keys.length < TIMELINES) {
    const viewer = newUserId();
    const token = await timelines.beginBuild(viewer);
    const floor_ms = Date.now() - (TIMELINE_MOST + 1) * MINUTE_MS;
    const built = { entries: entries(TIMELINE_MOST), floor_ms, following_version: 7 };
    // False where Redis took too long: it is not asked for a while.
    if (await timelines.finishBuild(viewer, token, built)) keys.push(`feed:${viewer}`);
    else await sleep(PAUSE_MS);
  }
  return keys;
}

async function fillPlainly(redis: Redis): Promise<string[]> {
  const keys: string[] = [];
  while (keys.length < TIMELINES) {
    const key = `plain:${newUserId()}`;
    const members = entries(TIMELINE_MOST + 2).flatMap(({ created_at_ms, post_id }) => [created_at_ms, post_id]);
    await redis.zadd(key, ...members);
    await redis.expire(key, 3_600);
    keys.push(key);
  }
  return keys;
}

function entries(howMany: number): TimelineEntry[] {
  const nowMs = Date.now();
  return Array.from({ length: howMany }, (_, i) => {
    const created_at_ms = nowMs - i * MINUTE_MS;
    return { post_id: newId(created_at_ms), user_id: newUserId(), created_at_ms };
  });
}

async function bytesOf(redis: Redis, keys: readonly string[], entriesEach: number): Promise<number> {
  let bytes = 0;
  for (const key of keys) {
    const members = await redis.zcard(key);
    if (members < entriesEach) throw new Error(`A timeline holds ${members} members.`);
    bytes += (await redis.memory("USAGE", key, "SAMPLES", 0)) ?? 0;
  }
  return bytes / (keys.length * entriesEach);
}
