import type { Database, Sql, Transaction } from "../../mixins/postgres/sql";

/** A user row whose claims may not be confirmed yet. */
export interface Registration {
  id: number;
  username: string;
  email: string;
  claim_token: string;
  is_confirmed: boolean;
}

const COLUMNS = "id, username, email, claim_token, is_confirmed";
const SWEEP_BATCH = 500;

/** Writes the rows, of no effect for others until confirmed. @returns the ids that somebody had already. */
export async function insertMany(
  db: Database,
  users: readonly (Registration & { display_name: string })[],
  passwordHash: string,
): Promise<number[]> {
  const byId = new Map(users.map((user) => [user.id, user]));
  const taken = await Promise.all(
    db.group([...byId.keys()]).map(async ({ shard, keys }) => {
      const group = keys.flatMap((id) => byId.get(id) ?? []);
      const { rows } = await shard.query<{ id: number }>(
        `insert into users (id, username, email, password_hash, display_name, claim_token)
         select id, username, email, $6, display_name, claim_token
         from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])
           as u (id, username, email, display_name, claim_token)
         on conflict (id) do nothing returning id`,
        [
          keys,
          group.map(({ username }) => username),
          group.map(({ email }) => email),
          group.map(({ display_name }) => display_name),
          group.map(({ claim_token }) => claim_token),
          passwordHash,
        ],
      );
      const mine = new Set(rows.map(({ id }) => id));
      return keys.filter((id) => !mine.has(id));
    }),
  );
  return taken.flat();
}

/** Opens these accounts to all. @returns those that were not open yet, so that each is announced once. */
export async function confirmMany(
  tx: Transaction,
  ids: readonly number[],
): Promise<{ id: number; created_at: string }[]> {
  const { rows } = await tx.query<{ id: number; created_at: Date }>(
    "update users set is_confirmed = true where id = any($1) and not is_confirmed returning id, created_at",
    [ids],
  );
  return rows.map(({ id, created_at }) => ({ id, created_at: created_at.toISOString() }));
}

/** Takes back rows whose claims were lost. An open account stays: its claims cannot be lost. */
export async function undoMany(db: Database, ids: readonly number[]): Promise<void> {
  await Promise.all(
    db
      .group(ids)
      .map(({ shard, keys }) => shard.query("delete from users where id = any($1) and not is_confirmed", [keys])),
  );
}

export async function findMany(db: Database, ids: readonly number[]): Promise<Map<number, Registration>> {
  const found = await Promise.all(
    db
      .group([...new Set(ids)])
      .map(({ shard, keys }) => shard.query<Registration>(`select ${COLUMNS} from users where id = any($1)`, [keys])),
  );
  return new Map(found.flatMap(({ rows }) => rows.map((row) => [row.id, row] as const)));
}

/** One shard's rows that a dead registration left; served by users_unconfirmed. */
export async function abandonedOn(shard: Sql): Promise<Registration[]> {
  const { rows } = await shard.query<Registration>(
    `select ${COLUMNS} from users
     where not is_confirmed and created_at < now() - interval '1 minute'
     order by created_at limit ${SWEEP_BATCH}`,
  );
  return rows;
}
