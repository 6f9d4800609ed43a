import type { Database, Shard, Sql, Transaction } from "../../mixins/postgres";

export interface Counts {
  follower_count: number;
  following_count: number;
  post_count: number;
}

/** Followed accounts gained or lost by one person. */
export interface Move {
  user_id: number;
  delta: number;
}

/**
 * Takes the lock under which everything beneath a person's key changes, until the transaction ends.
 * False once the account was deleted.
 */
export async function lock(tx: Transaction, userId: number): Promise<boolean> {
  const [person] = await lockMany(tx, [userId]);
  return person !== undefined;
}

/** Locks many people of one shard, in the order of their ids; answers those that are not deleted. */
export async function lockMany(tx: Transaction, userIds: readonly number[]): Promise<number[]> {
  let rows = await lockExisting(tx, userIds);
  if (rows.length < userIds.length) {
    await tx.query(
      "insert into graph_counts (user_id) select id from unnest($1::bigint[]) as given(id) order by id on conflict do nothing",
      [userIds],
    );
    rows = await lockExisting(tx, userIds);
  }
  return rows.filter(({ is_deleted }) => !is_deleted).map(({ user_id }) => user_id);
}

async function lockExisting(tx: Transaction, userIds: readonly number[]) {
  const { rows } = await tx.query<{ user_id: number; is_deleted: boolean }>(
    `select user_id, deleted_at is not null as is_deleted from graph_counts
     where user_id = any($1::bigint[]) order by user_id for update`,
    [userIds],
  );
  return rows;
}

/** Raises the version of what these people follow, mute and block, and moves what they follow. Answers the new versions. */
export async function raise(tx: Transaction, moves: readonly Move[]): Promise<Map<number, number>> {
  const { rows } = await tx.query<{ user_id: number; following_version: number }>(
    `update graph_counts as c
     set following_version = c.following_version + 1, following_count = c.following_count + moved.delta
     from unnest($1::bigint[], $2::bigint[]) as moved(user_id, delta)
     where c.user_id = moved.user_id
     returning c.user_id, c.following_version`,
    [moves.map(({ user_id }) => user_id), moves.map(({ delta }) => delta)],
  );
  return new Map(rows.map(({ user_id, following_version }) => [user_id, following_version]));
}

export async function moveFollowerCount(tx: Transaction, userId: number, delta: 1 | -1): Promise<void> {
  await tx.query(
    `insert into graph_counts as c (user_id, follower_count) values ($1, $2)
     on conflict (user_id) do update set follower_count = c.follower_count + $2 where c.deleted_at is null`,
    [userId, delta],
  );
}

export async function movePostCount(tx: Transaction, userId: number, delta: 1 | -1): Promise<void> {
  await tx.query(
    `insert into graph_counts as c (user_id, post_count) values ($1, $2)
     on conflict (user_id) do update set post_count = c.post_count + $2 where c.deleted_at is null`,
    [userId, delta],
  );
}

/** Leaves the row as the mark of a deleted account. What it follows is counted down as its edges go. */
export async function bury(tx: Transaction, userId: number): Promise<void> {
  await tx.query(
    `update graph_counts set follower_count = 0, post_count = 0, deleted_at = coalesce(deleted_at, now())
     where user_id = $1`,
    [userId],
  );
}

export async function countsOf(sql: Sql, userId: number): Promise<Counts> {
  const { rows } = await sql.query<Counts>(
    `select greatest(follower_count, 0) as follower_count, following_count, greatest(post_count, 0) as post_count
     from graph_counts where user_id = $1`,
    [userId],
  );
  return rows[0] ?? { follower_count: 0, following_count: 0, post_count: 0 };
}

export async function followingVersion(sql: Sql, userId: number): Promise<number> {
  const { rows } = await sql.query<{ following_version: number }>(
    "select following_version from graph_counts where user_id = $1",
    [userId],
  );
  return rows[0]?.following_version ?? 0;
}

export interface Popular {
  user_id: number;
  follower_count: number;
}

/** Accounts by number of followers, most first. Index graph_counts_popular; scatters, for any shard may hold the greatest. */
export async function popular(sql: Database, after: Popular | undefined, limit: number): Promise<Popular[]> {
  const pages = await Promise.all(sql.shards.map((shard) => popularOn(shard, after, limit)));
  return pages.flat().sort(byPopularity).slice(0, limit);
}

async function popularOn(shard: Shard, after: Popular | undefined, limit: number): Promise<Popular[]> {
  const { rows } = await shard.query<Popular>(
    `select user_id, follower_count from graph_counts
     where follower_count > 0 and follower_count <= $1 and (follower_count < $1 or user_id > $2)
     order by follower_count desc, user_id limit $3`,
    [after?.follower_count ?? Number.MAX_SAFE_INTEGER, after?.user_id ?? 0, limit],
  );
  return rows;
}

function byPopularity(a: Popular, b: Popular): number {
  return b.follower_count - a.follower_count || a.user_id - b.user_id;
}

/** How many living accounts have at least `edges[i]` followers and fewer than the next. Scatters: it is about everyone. */
export async function followerDistribution(sql: Database, edges: readonly number[]): Promise<number[]> {
  const totals = edges.map(() => 0);
  for (const shard of sql.shards) {
    const { rows } = await shard.query<{ bucket: number; accounts: number }>(
      `select width_bucket(greatest(follower_count, 0), $1::bigint[]) as bucket, count(*) as accounts
       from graph_counts where deleted_at is null group by 1`,
      [edges],
    );
    for (const { bucket, accounts } of rows) totals[bucket - 1] = (totals[bucket - 1] ?? 0) + accounts;
  }
  return totals;
}
