import { connect, type Socket } from "node:net";
import type { Redis } from "ioredis";
import type { Sql } from "../../mixins/postgres";
import type { TimelineEntry } from "../../mixins/redis";
import { insertNaively, nextFollowers } from "./fan-out.repository";

const BATCH = 500;
const PAGE = 5_000;
/** Entries that the design keeps of each feed. */
const KEPT = 800;
const LIFE_SECONDS = 300;
const NEWLINE = 10;

/** How a fan-out is written at first: a page of followers, of them five hundred at once into PostgreSQL and then into Redis. */
export async function fanOutNaively(sql: Sql, redis: Redis, post: TimelineEntry): Promise<void> {
  const { post_id, user_id, created_at_ms } = post;
  const row = { post_id, user_id, created_at: new Date(created_at_ms) };
  let page: number[];
  for (let after = 0; (page = await nextFollowers(sql, user_id, after, PAGE)).length > 0; after = page.at(-1)!) {
    for (let start = 0; start < page.length; start += BATCH) {
      const followerIds = page.slice(start, start + BATCH);
      await insertNaively(sql, followerIds, row);
      const pipeline = redis.pipeline();
      for (const followerId of followerIds) {
        const key = `naive:feed:${followerId}`;
        pipeline.zadd(key, created_at_ms, post_id);
        pipeline.zremrangebyrank(key, 0, -KEPT - 1);
        pipeline.expire(key, LIFE_SECONDS);
      }
      await pipeline.exec();
    }
  }
}

/** ZADD alone, by hand on a bare socket, everything sent at once: no client is quicker. */
export class RawPipeline {
  private constructor(private readonly socket: Socket) {}

  static async open(url: string): Promise<RawPipeline> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new RawPipeline(socket);
  }

  async addToAll(viewerIds: readonly number[], { post_id, created_at_ms }: TimelineEntry): Promise<void> {
    const answered = this.answers(viewerIds.length);
    const rest = `$${String(created_at_ms).length}\r\n${created_at_ms}\r\n$${post_id.length}\r\n${post_id}\r\n`;
    for (let start = 0; start < viewerIds.length; start += BATCH) {
      let text = "";
      for (const viewerId of viewerIds.slice(start, start + BATCH)) {
        const key = `raw:feed:${viewerId}`;
        text += `*4\r\n$4\r\nZADD\r\n$${key.length}\r\n${key}\r\n${rest}`;
      }
      if (!this.socket.write(text)) await new Promise((resolve) => this.socket.once("drain", resolve));
    }
    await answered;
  }

  close(): void {
    this.socket.destroy();
  }

  private answers(count: number): Promise<void> {
    let seen = 0;
    return new Promise((resolve) => {
      const onData = (bytes: Buffer): void => {
        for (const byte of bytes) if (byte === NEWLINE) seen += 1;
        if (seen < count) return;
        this.socket.off("data", onData);
        resolve();
      };
      this.socket.on("data", onData);
    });
  }
}
