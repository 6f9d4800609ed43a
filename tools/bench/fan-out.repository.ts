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

/** Whether every page that newsfeed wrote was acknowledged: a row of its outbox lives until then. */
export async function isFanOutDone(sql: Sql): Promise<boolean> {
  const { rows } = await sql.query<{ waits: boolean }>("select exists (select from newsfeed_outbox) as waits");
  return rows[0]?.waits === false;
}

/** In how many feeds these posts stand. Reads the whole table: the key begins with the follower. */
export async function countFeedItems(sql: Sql, postIds: readonly string[]): Promise<number> {
  const { rows } = await sql.query<{ n: number }>("select count(*) as n from feed_items where post_id = any($1)", [
    postIds,
  ]);
  return rows[0]?.n ?? 0;
}

export async function emptyFeeds(sql: Sql): Promise<void> {
  await sql.query("truncate feed_items");
  await sql.query("truncate naive.feed_items");
}

/** The table of the design, with its serial id and both of its indexes. */
export async function makeNaiveTable(sql: Sql): Promise<void> {
  await sql.query(
    `create schema naive;
     create table naive.feed_items (
       id bigserial primary key,
       user_id bigint not null,
       post_id varchar(24) not null,
       post_user_id bigint not null,
       post_created_at timestamp not null,
       feed_score double precision default 0.0,
       created_at timestamp default now()
     );
     create index idx_feed_items_user_created on naive.feed_items (user_id, post_created_at desc);
     create index idx_feed_items_post on naive.feed_items (post_id)`,
  );
}

/** The next followers by key. */
export async function nextFollowers(sql: Sql, authorId: number, after: number, limit: number): Promise<number[]> {
  const { rows } = await sql.query<{ follower_id: number }>(
    `select follower_id from follows where following_id = $1 and status = 'accepted' and follower_id > $2
     order by follower_id limit $3`,
    [authorId, after, limit],
  );
  return rows.map(({ follower_id }) => follower_id);
}

/** One multi-row VALUES. */
export async function insertNaively(
  sql: Sql,
  followerIds: readonly number[],
  post: { post_id: string; user_id: number; created_at: Date },
): Promise<void> {
  const values = followerIds.map((_, i) => `($${4 * i + 1}, $${4 * i + 2}, $${4 * i + 3}, $${4 * i + 4})`).join(", ");
  await sql.query(
    `insert into naive.feed_items (user_id, post_id, post_user_id, post_created_at) values ${values}`,
    followerIds.flatMap((followerId) => [followerId, post.post_id, post.user_id, post.created_at]),
  );
}
