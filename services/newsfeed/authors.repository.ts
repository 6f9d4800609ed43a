import type { Sql } from "../../mixins/postgres";

export interface AuthorState {
  version: number;
  is_suspended: boolean;
}

/** What was known of an account; undefined for one that never changed. */
export async function find(sql: Sql, userId: number): Promise<AuthorState | undefined> {
  const { rows } = await sql.query<AuthorState>("select version, is_suspended from feed_authors where user_id = $1", [
    userId,
  ]);
  return rows[0];
}

/** Remembers this state unless a newer one is known. */
export async function remember(sql: Sql, userId: number, state: AuthorState): Promise<void> {
  await sql.query(
    `insert into feed_authors as a (user_id, version, is_suspended) values ($1, $2, $3)
     on conflict (user_id) do update set version = excluded.version, is_suspended = excluded.is_suspended
     where a.version < excluded.version`,
    [userId, state.version, state.is_suspended],
  );
}

export async function remove(sql: Sql, userId: number): Promise<void> {
  await sql.query("delete from feed_authors where user_id = $1", [userId]);
}
