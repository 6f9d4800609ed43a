import type { Sql } from "../../mixins/postgres";

/** Makes these ids followers of an account, as if they had followed one by one long ago. All on one shard. */
export async function addFollowers(sql: Sql, authorId: number, followerIds: readonly number[]): Promise<void> {
  await sql.query(
    `insert into follows (follower_id, following_id, status)
     select follower_id, $2, 'accepted' from unnest($1::bigint[]) as follower_id order by follower_id`,
    [followerIds, authorId],
  );
  await sql.query(
    `insert into graph_counts (user_id, follower_count) values ($1, $2)
     on conflict (user_id) do update set follower_count = excluded.follower_count`,
    [authorId, followerIds.length],
  );
}

/** The plainest durable fan-out: one post into the feeds of these followers, in one statement. */
export async function insertFeedItems(
  sql: Sql,
  followerIds: readonly number[],
  post: { post_id: string; user_id: number; created_at: Date },
): Promise<void> {
  await sql.query(
    `insert into feed_items (user_id, post_id, post_user_id, post_created_at)
     select follower_id, $2, $3, $4 from unnest($1::bigint[]) as follower_id order by follower_id`,
    [followerIds, post.post_id, post.user_id, post.created_at],
  );
}

/** In how many feeds these posts stand. Reads the whole table: the key begins with the follower. */
export async function countFeedItems(sql: Sql, postIds: readonly string[]): Promise<number> {
  const { rows } = await sql.query<{ n: number }>("select count(*) as n from feed_items where post_id = any($1)", [
    postIds,
  ]);
  return rows[0]?.n ?? 0;
}
