import type { Sql, Transaction } from "../../mixins/postgres";

/** False where it was hidden already. */
export async function add(tx: Transaction, viewerId: number, postId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    "insert into feed_hides (user_id, post_id) values ($1, $2) on conflict do nothing",
    [viewerId, postId],
  );
  return rowCount > 0;
}

/** False where it was not hidden. */
export async function remove(tx: Transaction, viewerId: number, postId: string): Promise<boolean> {
  const { rowCount } = await tx.query("delete from feed_hides where user_id = $1 and post_id = $2", [viewerId, postId]);
  return rowCount > 0;
}

/** Which of these posts the viewer hid. Primary key. */
export async function among(sql: Sql, viewerId: number, postIds: readonly string[]): Promise<Set<string>> {
  if (postIds.length === 0) return new Set();
  const { rows } = await sql.query<{ post_id: string }>(
    "select post_id from feed_hides where user_id = $1 and post_id = any($2::text[])",
    [viewerId, postIds],
  );
  return new Set(rows.map(({ post_id }) => post_id));
}

/** On one shard of those that all are asked. Index feed_hides_by_post. */
export async function removePost(tx: Transaction, postId: string): Promise<void> {
  await tx.query("delete from feed_hides where post_id = $1", [postId]);
}

export async function removeAll(sql: Sql, viewerId: number): Promise<void> {
  await sql.query("delete from feed_hides where user_id = $1", [viewerId]);
}
