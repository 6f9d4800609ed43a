import type { Database, Shard, Sql } from "../../mixins/postgres";

/** "opened": the account became public. "deleted": it was deleted. */
export type RepairKind = "opened" | "deleted";

export interface Repair {
  user_id: number;
  kind: RepairKind;
  due_at: Date;
}

/** Plans that the work of this kind is done once more, a while after the last event that asked for it. */
export async function plan(sql: Database, userId: number, kind: RepairKind, dueAt: Date): Promise<void> {
  await sql.at(userId).query(
    `insert into graph_repairs (user_id, kind, due_at) values ($1, $2, $3)
     on conflict (user_id, kind) do update set due_at = excluded.due_at`,
    [userId, kind, dueAt],
  );
}

/** Work that is due on one shard, of whomever it is. Index graph_repairs_due. */
export async function due(sql: Sql, now: Date, limit: number): Promise<Repair[]> {
  const { rows } = await sql.query<Repair>(
    "select user_id, kind, due_at from graph_repairs where due_at <= $1 order by due_at limit $2",
    [now, limit],
  );
  return rows;
}

/** Done, unless it was planned anew meanwhile. */
export async function finish(shard: Shard, { user_id, kind, due_at }: Repair): Promise<void> {
  await shard.query("delete from graph_repairs where user_id = $1 and kind = $2 and due_at = $3", [
    user_id,
    kind,
    due_at,
  ]);
}
