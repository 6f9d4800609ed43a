import type { Database, Sql, Transaction } from "../../mixins/postgres";

/** Twice as long as topics are kept, so that what is replayed still finds them. */
const KEPT_DAYS = 14;
const SWEEP_ROWS = 5_000;

/** Whoever writes rows of a post holds this until its commit; many may at once. True where the post is gone. */
export async function isGone(tx: Transaction, postId: string): Promise<boolean> {
  await tx.query("select pg_advisory_xact_lock_shared(hashtextextended($1, 0))", [lockName(postId)]);
  // A statement of its own, or it would not see what was committed while it waited.
  const { rowCount } = await tx.query("select from feed_deleted_posts where post_id = $1", [postId]);
  return rowCount > 0;
}

/** Waits for those who are writing rows of the post: the rows are there to be deleted, or are never written. */
export async function buryPost(tx: Transaction, postId: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended($1, 0))", [lockName(postId)]);
  await tx.query("insert into feed_deleted_posts (post_id) values ($1) on conflict do nothing", [postId]);
}

export async function buryUser(tx: Transaction, userId: number): Promise<void> {
  await tx.query("insert into feed_deleted_users (user_id) values ($1) on conflict do nothing", [userId]);
}

export async function isUserGone(sql: Sql, userId: number): Promise<boolean> {
  const { rowCount } = await sql.query("select from feed_deleted_users where user_id = $1", [userId]);
  return rowCount > 0;
}

/** Scatters: each shard forgets its own copies. Indexes: by_time. */
export async function forgetOld(sql: Database): Promise<void> {
  for (const shard of sql.shards) {
    for (const [table, key] of [
      ["feed_deleted_posts", "post_id"],
      ["feed_deleted_users", "user_id"],
    ] as const) {
      let rowCount = SWEEP_ROWS;
      while (rowCount === SWEEP_ROWS) {
        ({ rowCount } = await shard.query(
          `delete from ${table} where ${key} in (
             select ${key} from ${table} where deleted_at < now() - $1 * interval '1 day' order by deleted_at limit $2)`,
          [KEPT_DAYS, SWEEP_ROWS],
        ));
      }
    }
  }
}

function lockName(postId: string): string {
  return `feed.post:${postId}`;
}
