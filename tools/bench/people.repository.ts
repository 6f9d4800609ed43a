import type { Database } from "../../mixins/postgres";

/** An edge by its ends' ids, as if it had been made at this time. */
export interface OldEdge {
  follower_id: number;
  following_id: number;
  created_at: Date;
}

const ROWS_AT_ONCE = 20_000;

/** Accounts that nobody signs in to, named by their ids. */
export async function addPeople(db: Database, ids: readonly number[]): Promise<void> {
  for (const { shard, keys } of db.group(ids))
    await shard.query(
      `insert into users (id, username, email, password_hash, display_name, claim_token, is_confirmed)
       select id, 'u' || id, 'u' || id || '@example.com', '', 'Somebody', '', true from unnest($1::bigint[]) as id
       order by id`,
      [keys],
    );
}

/** Accepted follows, with the counts that stand beside them. No event tells of them. */
export async function addFollows(db: Database, edges: readonly OldEdge[], added: (count: number) => void) {
  const indexes = await dropIndexes(db);
  const inTime = [...edges].sort((a, b) => a.created_at.getTime() - b.created_at.getTime());
  for (let start = 0; start < inTime.length; start += ROWS_AT_ONCE) {
    const some = inTime.slice(start, start + ROWS_AT_ONCE);
    for (const shard of db.shards) {
      const own = some.filter(({ follower_id }) => db.at(follower_id) === shard);
      await shard.query(
        `insert into follows (follower_id, following_id, status, created_at)
         select follower_id, following_id, 'accepted', created_at
         from unnest($1::bigint[], $2::bigint[], $3::timestamptz[]) as given(follower_id, following_id, created_at)
         order by created_at`,
        [
          own.map(({ follower_id }) => follower_id),
          own.map(({ following_id }) => following_id),
          own.map(({ created_at }) => created_at),
        ],
      );
    }
    added(some.length);
  }
  await setCounts(db, edges);
  for (const shard of db.shards) {
    for (const index of indexes) await shard.query(index);
    for (const table of ["users", "follows", "graph_counts"]) await shard.query(`vacuum analyze ${table}`);
  }
}

/** Building them over all rows at the end takes a tenth of the time. Answers how to make them again. */
async function dropIndexes(db: Database): Promise<string[]> {
  const found = await Promise.all(
    db.shards.map(async (shard) => {
      const { rows } = await shard.query<{ name: string; definition: string }>(
        `select indexname as name, indexdef as definition from pg_indexes
         where tablename = 'follows' and indexname <> 'follows_pkey'`,
      );
      for (const { name } of rows) await shard.query(`drop index ${name}`);
      return rows.map(({ definition }) => definition);
    }),
  );
  return found[0] ?? [];
}

async function setCounts(db: Database, edges: readonly OldEdge[]): Promise<void> {
  const counts = new Map<number, [followers: number, following: number]>();
  for (const { follower_id, following_id } of edges)
    for (const [id, i] of [[following_id, 0], [follower_id, 1]] as const) {
      const own = counts.get(id) ?? [0, 0];
      own[i] += 1;
      counts.set(id, own);
    }
  for (const { shard, keys } of db.group([...counts.keys()]))
    await shard.query(
      `insert into graph_counts (user_id, follower_count, following_count, following_version)
       select user_id, followers, following, 1
       from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as given(user_id, followers, following)
       on conflict (user_id) do update
       set follower_count = excluded.follower_count, following_count = excluded.following_count`,
      [keys, keys.map((id) => counts.get(id)![0]), keys.map((id) => counts.get(id)![1])],
    );
}
