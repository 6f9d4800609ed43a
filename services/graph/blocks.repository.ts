import type { Database, Sql, Transaction } from "../../mixins/postgres";
import type { Dated } from "./follow-lists.repository";

export type BlockKind = "blocking" | "blocked_by";

/** True when it did not stand yet. */
export async function insert(tx: Transaction, ownerId: number, otherId: number, kind: BlockKind): Promise<boolean> {
  const { rowCount } = await tx.query(
    "insert into blocks (owner_id, other_id, kind) values ($1, $2, $3) on conflict do nothing",
    [ownerId, otherId, kind],
  );
  return rowCount > 0;
}

/** True when it stood until now. */
export async function remove(tx: Transaction, ownerId: number, otherId: number, kind: BlockKind): Promise<boolean> {
  const { rowCount } = await tx.query("delete from blocks where owner_id = $1 and other_id = $2 and kind = $3", [
    ownerId,
    otherId,
    kind,
  ]);
  return rowCount > 0;
}

/** Which blocks stand between two people, as the first one's own rows say. */
export async function between(sql: Sql, ownerId: number, otherId: number): Promise<Set<BlockKind>> {
  const { rows } = await sql.query<{ kind: BlockKind }>(
    "select kind from blocks where owner_id = $1 and other_id = $2",
    [ownerId, otherId],
  );
  return new Set(rows.map(({ kind }) => kind));
}

/** Whom somebody blocks, newest first. Index blocks_newest. */
export async function page(sql: Database, ownerId: number, before: Dated | undefined, limit: number): Promise<Dated[]> {
  const { rows } = await sql.at(ownerId).query<{ user_id: number; created_at: Date }>(
    `select other_id as user_id, created_at from blocks
     where owner_id = $1 and kind = 'blocking'
       and (created_at, other_id) < ($2::timestamptz, $3::bigint)
     order by created_at desc, other_id desc limit $4`,
    [ownerId, before?.created_at ?? "infinity", before?.user_id ?? 0, limit],
  );
  return rows.map(({ user_id, created_at }) => ({ user_id, created_at: created_at.toISOString() }));
}

export async function removeAllOf(tx: Transaction, ownerId: number): Promise<void> {
  await tx.query("delete from blocks where owner_id = $1", [ownerId]);
}

/** Whose rows on this shard name an account. Index blocks_by_other. */
export async function ownersNaming(sql: Sql, otherId: number, limit: number): Promise<number[]> {
  const { rows } = await sql.query<{ owner_id: number }>(
    "select distinct owner_id from blocks where other_id = $1 order by owner_id limit $2",
    [otherId, limit],
  );
  return rows.map(({ owner_id }) => owner_id);
}

export async function removeNaming(tx: Transaction, otherId: number, ownerIds: readonly number[]): Promise<void> {
  await tx.query("delete from blocks where owner_id = any($2::bigint[]) and other_id = $1", [otherId, ownerIds]);
}
