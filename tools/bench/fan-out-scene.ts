import { setTimeout as sleep } from "node:timers/promises";
import { newId, newUserId } from "../../lib/ids";
import { type OpenDatabase, openDatabase } from "../../mixins/postgres/database";
import { RedisLink } from "../../mixins/redis/redis-link";
import { RedisTimelines } from "../../mixins/redis/redis-timelines";
import type { TimelineEntry } from "../../mixins/redis/timelines";
import { type StartedServices, startServices } from "../start-services";
import { addFollowers, isFanOutDone } from "./fan-out.repository";
import type { Lab } from "./lab";

/** One less than makes an influencer. */
export const FOLLOWERS = 99_999;
/** What a timeline holds before. */
const ENTRIES = 20;
const LIFE_SECONDS = 86_400;
const OPENED_AT_ONCE = 100;
const OPEN_ATTEMPTS = 10;
const POLL_MS = 5;
const DELIVERY_TIMEOUT_MS = 120_000;

const plan = [["auth", "media", "posts"], ["graph"], ["newsfeed"], ["newsfeed"]];
const log = { info: () => undefined, warn: console.warn, error: console.error };

/** A fleet on real servers, and this process beside it as a node without services. */
export interface FanOutScene {
  database: OpenDatabase;
  timelines: RedisTimelines;
  redis: RedisLink;
  urls: Record<string, string>;
  started: StartedServices;
}

export async function fanOutScene(lab: Lab): Promise<FanOutScene> {
  const urls = await lab.urls("nats", "postgres", "redis", "mongodb", "minio");
  await lab.startFleet(plan, { ...urls, FEED_TTL_SECONDS: String(LIFE_SECONDS) });
  const database = openDatabase({ shardUrls: [urls["DATABASE_URL"]!], log });
  lab.onEnd(() => database.close());
  const redis = new RedisLink([urls["REDIS_URL"]!], "", console);
  await redis.open();
  lab.onEnd(async () => redis.close());
  const started = await startServices(lab.config(await lab.folder(), urls), [], { holdsFolder: false });
  lab.onEnd(() => started.stop());
  await started.broker.waitForServices(["newsfeed", "graph"], 30_000, 50);
  return { database, redis, timelines: new RedisTimelines(redis, { ttlSeconds: LIFE_SECONDS }), urls, started };
}

/** An author with so many followers, in the order of their ids. */
export async function authorWith(scene: FanOutScene, followers: number): Promise<{ id: number; followerIds: number[] }> {
  const id = newUserId();
  const followerIds = Array.from({ length: followers }, newUserId).sort((a, b) => a - b);
  await addFollowers(scene.database.at(id), id, followerIds);
  return { id, followerIds };
}

/** Opens a timeline for each of these, as reading their feed would. */
export async function openTimelines({ timelines }: FanOutScene, viewerIds: readonly number[]): Promise<void> {
  const author = newUserId();
  const sinceMs = Date.now() - 86_400_000;
  const entries = Array.from({ length: ENTRIES }, (_, i) => postOf(author, sinceMs + i * 60_000));
  for (let start = 0; start < viewerIds.length; start += OPENED_AT_ONCE)
    await Promise.all(viewerIds.slice(start, start + OPENED_AT_ONCE).map((viewerId) => open(timelines, viewerId, entries)));
}

async function open(timelines: RedisTimelines, viewerId: number, entries: readonly TimelineEntry[]): Promise<void> {
  for (let attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
    const token = await timelines.beginBuild(viewerId);
    if (await timelines.finishBuild(viewerId, token, { entries, floor_ms: null, following_version: 1 })) return;
    // Redis was given up for a second, or this process had no time.
    await sleep(1_100);
  }
  throw new Error("A timeline could not be opened.");
}

export function postOf(author: number, created_at_ms: number): TimelineEntry {
  return { post_id: newId(created_at_ms), user_id: author, created_at_ms };
}

/** Tells newsfeed of these posts as the relay of posts does. Resolves when all that follows from them is stored and acknowledged. */
export async function deliver({ started, database }: FanOutScene, posts: readonly TimelineEntry[]): Promise<void> {
  await Promise.all(
    posts.map(({ post_id, user_id, created_at_ms }) => {
      const occurred_at = new Date(created_at_ms).toISOString();
      const data = { post_id, user_id, created_at: occurred_at, media_ids: [] };
      const event = { event_id: newId(), type: "post.created", version: 1, occurred_at, aggregate_id: post_id, data };
      const params = { topic: "post.created", group: "newsfeed", event };
      return started.broker.call("newsfeed.receive", params, { timeout: DELIVERY_TIMEOUT_MS });
    }),
  );
  const deadline = performance.now() + DELIVERY_TIMEOUT_MS;
  while (!(await isFanOutDone(database.shards[0]!))) {
    if (performance.now() > deadline) throw new Error("A fan-out was not finished in two minutes.");
    await sleep(POLL_MS);
  }
}
