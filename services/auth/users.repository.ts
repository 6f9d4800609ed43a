import type { Database, Sql, Transaction } from "../../mixins/postgres/sql";
import type { AvatarRendition } from "./auth.contract";
import type { Role } from "../../lib/contract";

export interface Avatar {
  media_id: string;
  renditions: AvatarRendition[];
}

export interface User {
  id: number;
  username: string;
  email: string;
  password_hash: string;
  display_name: string;
  bio: string;
  website: string;
  avatar: Avatar | null;
  role: Role;
  is_private: boolean;
  is_suspended: boolean;
  version: number;
  /** ISO 8601, UTC, milliseconds. */
  created_at: string;
}

export type UserChanges = Partial<
  Pick<User, "display_name" | "bio" | "website" | "is_private" | "is_suspended" | "role" | "avatar">
>;

type UserRow = Omit<User, "created_at"> & { created_at: Date };

const COLUMNS = `id, username, email, password_hash, display_name, bio, website, avatar, role, is_private, is_suspended,
  version, created_at`;

function userOf({ created_at, ...rest }: UserRow): User {
  return { ...rest, created_at: created_at.toISOString() };
}

export async function find(db: Database, id: number): Promise<User | undefined> {
  return (await findMany(db, [id])).get(id);
}

export async function findMany(db: Database, ids: readonly number[]): Promise<Map<number, User>> {
  const found = await Promise.all(
    db
      .group([...new Set(ids)])
      .map(({ shard, keys }) =>
        shard.query<UserRow>(`select ${COLUMNS} from users where id = any($1) and is_confirmed`, [keys]),
      ),
  );
  return new Map(found.flatMap(({ rows }) => rows.map((row) => [row.id, userOf(row)] as const)));
}

export async function read(sql: Sql, id: number): Promise<User | undefined> {
  const { rows } = await sql.query<UserRow>(`select ${COLUMNS} from users where id = $1 and is_confirmed`, [id]);
  return rows[0] && userOf(rows[0]);
}

/** Holds the row until the transaction ends. */
export async function lock(tx: Transaction, id: number): Promise<User | undefined> {
  const { rows } = await tx.query<UserRow>(`select ${COLUMNS} from users where id = $1 and is_confirmed for update`, [
    id,
  ]);
  return rows[0] && userOf(rows[0]);
}

/** The account while it may open sessions and its password is still the one that was verified: it stays so for this transaction. */
export async function lockAsVerified(tx: Transaction, verified: User): Promise<boolean> {
  const { rows } = await tx.query(
    "select id from users where id = $1 and password_hash = $2 and is_confirmed and not is_suspended for share",
    [verified.id, verified.password_hash],
  );
  return rows.length === 1;
}

/** Writes a locked row as it shall be. */
export async function update(tx: Transaction, user: User, changes: UserChanges): Promise<User> {
  const next = { ...user, ...changes };
  const { rows } = await tx.query<UserRow>(
    `update users set display_name = $2, bio = $3, website = $4, is_private = $5, is_suspended = $6, role = $7, avatar = $8,
       version = version + 1
     where id = $1 returning ${COLUMNS}`,
    [
      user.id,
      next.display_name,
      next.bio,
      next.website,
      next.is_private,
      next.is_suspended,
      next.role,
      next.avatar === null ? null : JSON.stringify(next.avatar),
    ],
  );
  return userOf(rows[0]!);
}

/** False when the password was changed meanwhile. */
export async function replacePassword(tx: Transaction, id: number, from: string, to: string): Promise<boolean> {
  const { rowCount } = await tx.query("update users set password_hash = $3 where id = $1 and password_hash = $2", [
    id,
    from,
    to,
  ]);
  return rowCount === 1;
}

/** Takes the row, and with it the sessions, away. False when there was none. */
export async function remove(tx: Transaction, id: number): Promise<boolean> {
  const { rowCount } = await tx.query("delete from users where id = $1 and is_confirmed", [id]);
  return rowCount === 1;
}

/**
 * The newest accounts below a position. Scatters and merges, for moderators only; each shard reads users_newest backwards.
 */
export async function newest(
  db: Database,
  before: { created_at: string; id: number } | undefined,
  limit: number,
): Promise<User[]> {
  const found = await Promise.all(
    db.shards.map((shard) =>
      shard.query<UserRow>(
        `select ${COLUMNS} from users
         where is_confirmed and (created_at, id) < ($1::timestamptz, $2::bigint)
         order by created_at desc, id desc limit $3`,
        [before?.created_at ?? "infinity", before?.id ?? 0, limit],
      ),
    ),
  );
  return found
    .flatMap(({ rows }) => rows.map(userOf))
    .sort((a, b) => (a.created_at === b.created_at ? b.id - a.id : a.created_at < b.created_at ? 1 : -1))
    .slice(0, limit);
}

/** Active admins other than this one. Scatters: a role is no shard key. Served by users_admins. */
export async function countOtherAdmins(db: Database, id: number): Promise<number> {
  const counts = await Promise.all(
    db.shards.map((shard: Sql) =>
      shard.query<{ n: number }>(
        "select count(*) as n from users where role = 'admin' and is_confirmed and not is_suspended and id <> $1",
        [id],
      ),
    ),
  );
  return counts.reduce((sum, { rows }) => sum + (rows[0]?.n ?? 0), 0);
}
