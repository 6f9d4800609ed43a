import { MongoClient } from "mongodb";
import { openPool } from "../../mixins/postgres/connection";
import { clientOptions } from "../../plugins/mongodb-adapter/client-options";
import type { Stores } from "./state";

const quiet = { info: () => undefined, warn: () => undefined, error: console.error };

type Ids = { _id: string; post_id: string; user_id: number; text: string };
type Posts = Ids & { caption: string; created_at: Date; is_hidden: boolean; like_count: number; comment_count: number };

/** All that a run's stores hold, of every shard and collection. Scatters: it is everything. */
export async function readStores(env: Record<string, string>): Promise<Stores> {
  return { ...(await readDocuments(env["MONGODB_URL"]!)), ...(await readShards(env["DATABASE_SHARDS"]!.split(","))) };
}

async function readDocuments(url: string): Promise<Pick<Stores, "posts" | "comments" | "likes">> {
  const client = await new MongoClient(url, clientOptions).connect();
  try {
    const all = <T extends object>(name: string) => client.db().collection(name).find<T>({}).toArray();
    const [posts, comments, likes] = await Promise.all([all<Posts>("posts"), all<Ids>("comments"), all<Ids>("likes")]);
    return {
      posts: posts.map(({ _id, user_id, caption, created_at, is_hidden, like_count, comment_count }) => ({
        post_id: _id,
        user_id,
        key: caption,
        created_at_ms: created_at.getTime(),
        is_archived: is_hidden,
        like_count,
        comment_count,
      })),
      comments: comments.map(({ _id, post_id, user_id, text }) => ({ comment_id: _id, post_id, user_id, key: text })),
      likes: likes.map(({ post_id, user_id }) => ({ post_id, user_id })),
    };
  } finally {
    await client.close();
  }
}

async function readShards(urls: readonly string[]): Promise<Omit<Stores, "posts" | "comments" | "likes">> {
  const pools = urls.map((url) => openPool(url, 2, quiet));
  const all = async <T extends object>(text: string): Promise<T[]> => {
    const answers = await Promise.all(pools.map((pool) => pool.query<T>(text)));
    return answers.flatMap(({ rows }) => rows);
  };
  try {
    return {
      people: await all("select id as user_id, is_private from users"),
      follows: await all("select follower_id, following_id, status from follows"),
      blocks: await all("select owner_id, other_id, kind from blocks"),
      mutes: await all("select user_id, muted_id from mutes"),
      hides: await all("select user_id, post_id from feed_hides"),
      counts: await all("select user_id, follower_count, following_count, post_count from graph_counts"),
      feed_items: await all("select user_id, post_id, post_user_id as author_id from feed_items"),
      deliveries: await all("select post_id, is_pulled from feed_deliveries"),
      pulled_posts: await all("select post_id from pulled_posts"),
    };
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
  }
}
