import type { Database, Shard, Sql } from "../../mixins/postgres/sql";

/** Who holds a unique name. Until it is confirmed, the registration that made it may have died. */
export interface Claim {
  key: string;
  user_id: number;
  token: string;
  is_confirmed: boolean;
  /** Unconfirmed for so long that its registration is taken for dead. */
  is_abandoned: boolean;
}

export type NewClaim = Pick<Claim, "key" | "user_id" | "token">;

/** How long a registration may take before others may clear up behind it. */
const ABANDONED = "interval '1 minute'";
const SWEEP_BATCH = 500;

/** Claims on usernames or on e-mail addresses, each on the shard of its own text. */
export class Claims {
  private readonly columns: string;

  constructor(
    private readonly table: string,
    private readonly key: string,
  ) {
    this.columns = `${key} as key, user_id, token, confirmed_at is not null as is_confirmed,
      confirmed_at is null and claimed_at < now() - ${ABANDONED} as is_abandoned`;
  }

  async find(db: Database, key: string): Promise<Claim | undefined> {
    return (await this.findMany(db, [key]))[0];
  }

  /** In no particular order; keys that nobody claims are left out. Text that PostgreSQL cannot hold is nobody's. */
  async findMany(db: Database, keys: readonly string[]): Promise<Claim[]> {
    const groups = db.group([...new Set(keys)].filter((key) => !key.includes("\0")));
    const found = await Promise.all(
      groups.map(({ shard, keys }) =>
        shard.query<Claim>(`select ${this.columns} from ${this.table} where ${this.key} = any($1)`, [keys]),
      ),
    );
    return found.flatMap(({ rows }) => rows);
  }

  /** Claims what is free. @returns the keys that were not. */
  async insertMany(db: Database, claims: readonly NewClaim[]): Promise<string[]> {
    const taken = await Promise.all(
      this.grouped(db, claims).map(async ({ shard, claims }) => {
        const { rows } = await shard.query<{ key: string }>(
          `insert into ${this.table} (${this.key}, user_id, token)
           select * from unnest($1::text[], $2::bigint[], $3::text[])
           on conflict (${this.key}) do nothing
           returning ${this.key} as key`,
          columnsOf(claims),
        );
        const mine = new Set(rows.map(({ key }) => key));
        return claims.map(({ key }) => key).filter((key) => !mine.has(key));
      }),
    );
    return taken.flat();
  }

  /** False when the claim that was seen has moved on meanwhile. */
  async takeOver(db: Database, seen: Claim, next: NewClaim): Promise<boolean> {
    const { rowCount } = await db.at(seen.key).query(
      `update ${this.table} set user_id = $3, token = $4, claimed_at = now()
       where ${this.key} = $1 and token = $2 and confirmed_at is null`,
      [seen.key, seen.token, next.user_id, next.token],
    );
    return rowCount === 1;
  }

  /** @returns the keys whose claims still were these, or had been confirmed by the same token before. */
  async confirmMany(db: Database, claims: readonly NewClaim[]): Promise<Set<string>> {
    const confirmed = await Promise.all(
      this.grouped(db, claims).map(({ shard, claims }) =>
        shard.query<{ key: string }>(
          `update ${this.table} as c set confirmed_at = coalesce(c.confirmed_at, now())
           from unnest($1::text[], $2::bigint[], $3::text[]) as mine (key, user_id, token)
           where c.${this.key} = mine.key and c.${this.key} = any($1) and c.token = mine.token
             and c.user_id = mine.user_id
           returning c.${this.key} as key`,
          columnsOf(claims),
        ),
      ),
    );
    return new Set(confirmed.flatMap(({ rows }) => rows.map(({ key }) => key)));
  }

  /** Frees claims whose registration has come to nothing. */
  async releaseMany(db: Database, claims: readonly NewClaim[]): Promise<void> {
    await this.deleteMany(db, claims, "");
  }

  /** Frees claims that no row was written for. One that was confirmed meanwhile stays. */
  async releaseUnconfirmed(db: Database, claims: readonly NewClaim[]): Promise<void> {
    await this.deleteMany(db, claims, "and c.confirmed_at is null");
  }

  private async deleteMany(db: Database, claims: readonly NewClaim[], condition: string): Promise<void> {
    await Promise.all(
      this.grouped(db, claims).map(({ shard, claims }) =>
        shard.query(
          `delete from ${this.table} as c using unnest($1::text[], $2::bigint[], $3::text[]) as mine (key, user_id, token)
           where c.${this.key} = mine.key and c.${this.key} = any($1) and c.token = mine.token
             and c.user_id = mine.user_id ${condition}`,
          columnsOf(claims),
        ),
      ),
    );
  }

  /** One shard's oldest; served by the index on unconfirmed claims. Names no key: it looks for those that nobody knows of. */
  async abandonedOn(shard: Sql): Promise<Claim[]> {
    const { rows } = await shard.query<Claim>(
      `select ${this.columns} from ${this.table}
       where confirmed_at is null and claimed_at < now() - ${ABANDONED}
       order by claimed_at limit ${SWEEP_BATCH}`,
    );
    return rows;
  }

  private grouped(db: Database, claims: readonly NewClaim[]): { shard: Shard; claims: NewClaim[] }[] {
    const byKey = new Map(claims.map((claim) => [claim.key, claim]));
    return db.group([...byKey.keys()]).map(({ shard, keys }) => ({
      shard,
      // In one order everywhere, so that two such statements never wait for each other in a circle.
      claims: keys.sort().flatMap((key) => byKey.get(key) ?? []),
    }));
  }
}

function columnsOf(claims: readonly NewClaim[]): unknown[] {
  return [claims.map(({ key }) => key), claims.map(({ user_id }) => user_id), claims.map(({ token }) => token)];
}

export const usernameClaims = new Claims("username_claims", "username");
export const emailClaims = new Claims("email_claims", "email");

/** Frees the addresses of an account that is gone. Scatters: the address went with the account. Served by email_claims_user. */
export async function freeEmailOf(db: Database, userId: number): Promise<void> {
  await Promise.all(db.shards.map((shard) => shard.query("delete from email_claims where user_id = $1", [userId])));
}

export interface ClaimedName {
  username: string;
  user_id: number;
}

/**
 * Confirmed usernames that begin so, from `after` on, in the order of their code points. Scatters and merges: a prefix is no shard
 * key. Each shard reads a range of its primary key, whose collation is "C".
 */
export async function namesFrom(db: Database, prefix: string, after: string, limit: number): Promise<ClaimedName[]> {
  const found = await Promise.all(
    db.shards.map((shard) =>
      shard.query<ClaimedName>(
        `select username, user_id from username_claims
         where username >= $1 and username < $2 and username > $3 and confirmed_at is not null
         order by username limit $4`,
        [prefix, `${prefix}\u{10FFFF}`, after, limit],
      ),
    ),
  );
  const merged = found.flatMap(({ rows }) => rows);
  // JavaScript's own order goes by UTF-16 units, which is another one beyond U+FFFF.
  merged.sort((a, b) => Buffer.compare(Buffer.from(a.username), Buffer.from(b.username)));
  return merged.slice(0, limit);
}
