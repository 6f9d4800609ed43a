import type { Database, Sql, Transaction } from "../../mixins/postgres/sql";
import type { Role } from "../../lib/contract";

export interface NewSession {
  id: string;
  user_id: number;
  token_hash: Buffer;
  family_key: Buffer;
  user_agent: string;
  address: string;
  lifeSeconds: number;
}

export interface Session {
  id: string;
  user_agent: string;
  address: string;
  created_at: string;
  last_used_at: string;
}

/** Needs the account's row locked: one that is being deleted gets no session any more. */
export async function insert(tx: Transaction, session: NewSession): Promise<void> {
  await tx.query(
    `insert into sessions (user_id, id, token_hash, family_key, user_agent, address, expires_at)
     values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))`,
    [
      session.user_id,
      session.id,
      session.token_hash,
      session.family_key,
      session.user_agent,
      session.address,
      session.lifeSeconds,
    ],
  );
}

/** Open sessions, newest first; served by sessions_newest. */
export async function list(
  db: Database,
  userId: number,
  before: { created_at: string; id: string } | undefined,
  limit: number,
): Promise<Session[]> {
  type Row = Omit<Session, "created_at" | "last_used_at"> & { created_at: Date; last_used_at: Date };
  const { rows } = await db.at(userId).query<Row>(
    `select id, user_agent, address, created_at, last_used_at from sessions
     where user_id = $1 and expires_at > now() and (created_at, id) < ($2::timestamptz, $3)
     order by created_at desc, id desc limit $4`,
    [userId, before?.created_at ?? "infinity", before?.id ?? "", limit],
  );
  return rows.map((row) => ({
    ...row,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at.toISOString(),
  }));
}

/** The key that signs the refresh tokens of an open session. */
export async function familyKey(db: Database, userId: number, id: string): Promise<Buffer | undefined> {
  const { rows } = await db.at(userId).query<{
    family_key: Buffer;
  }>("select family_key from sessions where user_id = $1 and id = $2 and expires_at > now()", [userId, id]);
  return rows[0]?.family_key;
}

/** Puts a new token in the place of this one; false when this one is not the newest, whoever was faster. */
export async function rotate(
  tx: Transaction,
  session: { user_id: number; id: string; from: Buffer; to: Buffer; lifeSeconds: number },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update sessions set token_hash = $4, last_used_at = now(), expires_at = now() + make_interval(secs => $5)
     where user_id = $1 and id = $2 and token_hash = $3 and expires_at > now()`,
    [session.user_id, session.id, session.from, session.to, session.lifeSeconds],
  );
  return rowCount === 1;
}

/** False when there was none. */
export async function end(db: Database, userId: number, id: string): Promise<boolean> {
  const { rowCount } = await db.at(userId).query("delete from sessions where user_id = $1 and id = $2", [userId, id]);
  return rowCount === 1;
}

/** Ends all of an account's sessions, save one where it is named. */
export async function endAll(sql: Sql, userId: number, exceptId = ""): Promise<void> {
  await sql.query("delete from sessions where user_id = $1 and id <> $2", [userId, exceptId]);
}

export interface Standing {
  role: Role;
  is_suspended: boolean;
  has_session: boolean;
}

/** What an access token is worth now; undefined when the account is gone. */
export async function standing(db: Database, userId: number, id: string): Promise<Standing | undefined> {
  const { rows } = await db.at(userId).query<Standing>(
    `select role, is_suspended, exists (
       select from sessions where user_id = $1 and id = $2 and expires_at > now()
     ) as has_session
     from users where id = $1 and is_confirmed`,
    [userId, id],
  );
  return rows[0];
}

/** One shard's expired sessions, some thousands at a time; served by sessions_expiry. */
export async function sweepExpiredOn(shard: Sql): Promise<number> {
  const { rowCount } = await shard.query(
    `delete from sessions where (user_id, id) in (
       select user_id, id from sessions where expires_at < now() order by expires_at limit 5000
     )`,
  );
  return rowCount;
}
