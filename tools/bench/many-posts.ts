import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newId, newUserId } from "../../lib/ids";
import { channelCollections } from "../../mixins/channels";
import { openNedbStore } from "../../mixins/documents/nedb-store";
import { collections, type PostDocument } from "../../services/posts/collections";
import { progress } from "../progress";
import { alternate, type Sample } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { canMeasureMemory, nodeMemory } from "./memory";

const POSTS = 100_000;
const AUTHORS = 1_000;
const AT_ONCE = 500;
const SETTLE_MS = 1_000;
const MEBIBYTE = 1024 ** 2;

const quiet = { info: () => undefined, warn: console.warn, error: console.error };

export const manyPosts: Benchmark = {
  names: ["embedded_1e5_posts_start", "embedded_1e5_posts_memory", "embedded_1e5_posts_disk"],
  about:
    "The embedded default at its tested size of 100,000 posts: seconds to start, MiB held and MiB on disk; to the same node without any.",
  async run(lab) {
    const full = await lab.folder();
    const empty = await lab.folder();
    const measure = async (folder: string): Promise<Sample> => {
      const node = await lab.startNode(folder);
      await sleep(SETTLE_MS);
      const { dataDir } = lab.config(folder);
      const memory = canMeasureMemory ? (await nodeMemory(node.pid, dataDir)).own : NaN;
      await node.stop();
      return { start: node.startMs / 1000, memory, disk: (await sizeOf(dataDir)) / MEBIBYTE };
    };
    // PostgreSQL is made at a first start, which is not what is asked for.
    for (const folder of [full, empty]) await (await lab.startNode(folder)).stop();
    await writePosts(lab.config(full).dataDir);
    const measured = await alternate(
      "embedded_1e5_posts",
      { ours: () => measure(full), reference: () => measure(empty) },
      0,
    );
    return {
      rows: [
        rowOf("embedded_1e5_posts_start", "s", measured["start"]!),
        ...(canMeasureMemory ? [rowOf("embedded_1e5_posts_memory", "MiB", measured["memory"]!)] : []),
        rowOf("embedded_1e5_posts_disk", "MiB", measured["disk"]!),
      ],
    };
  },
};

/** Straight into the store, for publishing so many would take an hour. */
async function writePosts(dataDir: string): Promise<void> {
  const store = await openNedbStore({
    folder: join(dataDir, "documents"),
    collections: { ...collections, ...channelCollections },
    log: quiet,
    isSynced: false,
  });
  const authors = Array.from({ length: AUTHORS }, newUserId);
  const shown = progress("Posts written", POSTS);
  for (let written = 0; written < POSTS; written += AT_ONCE) {
    await store.transaction(async (tx) => {
      for (let i = written; i < written + AT_ONCE; i++) await tx.insert("posts", postOf(authors[i % AUTHORS]!, i));
    });
    shown.advance(AT_ONCE);
  }
  shown.end();
  await store.close();
}

export function postOf(user_id: number, number: number): PostDocument {
  const created_at = new Date(Date.now() - (POSTS - number) * 60_000);
  return {
    ...{ _id: newId(created_at.getTime()), user_id, media_ids: [newId(created_at.getTime())] },
    caption: `Number ${number}: a morning by the sea with friends, 아침 바다 #morning #바다 @somebody`,
    ...{ location: "Busan", hashtags: ["morning", "바다"], mentions: ["somebody"] },
    ...{ like_count: number % 90, comment_count: number % 7, view_count: number % 400 },
    ...{ is_comments_disabled: false, is_hidden: false, created_at, updated_at: created_at, seq: 1 },
  };
}

/** Bytes of every file below. */
async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    entries.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return found?.isFile() ? found.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
