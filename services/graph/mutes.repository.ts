import type { Database, Sql, Transaction } from "../../mixins/postgres";
import type { Dated } from "./follow-lists.repository";

/** True when it did not stand yet. */
export async function insert(tx: Transaction, userId: number, mutedId: number): Promise<boolean> {
  const { rowCount } = await tx.query("insert into mutes (user_id, muted_id) values ($1, $2) on conflict do nothing", [
    userId,
    mutedId,
  ]);
  return rowCount > 0;
}

/** True when it stood until now. */
export async function remove(tx: Transaction, userId: number, mutedId: number): Promise<boolean> {
  const { rowCount } = await tx.query("delete from mutes where user_id = $1 and muted_id = $2", [userId, mutedId]);
  return rowCount > 0;
}

/** Whom somebody mutes, newest first. Index mutes_newest. */
export async function page(sql: Database, userId: number, before: Dated | undefined, limit: number): Promise<Dated[]> {
  const { rows } = await sql.at(userId).query<{ user_id: number; created_at: Date }>(
    `select muted_id as user_id, created_at from mutes
     where user_id = $1 and (created_at, muted_id) < ($2::timestamptz, $3::bigint)
     order by created_at desc, muted_id desc limit $4`,
    [userId, before?.created_at ?? "infinity", before?.user_id ?? 0, limit],
  );
  return rows.map(({ user_id, created_at }) => ({ user_id, created_at: created_at.toISOString() }));
}

export async function removeAllOf(tx: Transaction, userId: number): Promise<void> {
  await tx.query("delete from mutes where user_id = $1", [userId]);
}

/** Who on this shard mutes an account. Index mutes_by_muted. */
export async function ownersNaming(sql: Sql, mutedId: number, limit: number): Promise<number[]> {
  const { rows } = await sql.query<{ user_id: number }>(
    "select user_id from mutes where muted_id = $1 order by user_id limit $2",
    [mutedId, limit],
  );
  return rows.map(({ user_id }) => user_id);
}

export async function removeNaming(tx: Transaction, mutedId: number, userIds: readonly number[]): Promise<void> {
  await tx.query("delete from mutes where user_id = any($2::bigint[]) and muted_id = $1", [mutedId, userIds]);
}
