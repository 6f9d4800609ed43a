import type { Database, Shard } from "../../mixins/postgres";
import type { EdgeStatus } from "./follows.repository";

/** A place in a list that is newest first. */
export interface Dated {
  user_id: number;
  created_at: string;
}

/** Reads the entries that come after one, of the whole list when undefined. */
export type ReadNewest = (before: Dated | undefined, limit: number) => Promise<Dated[]>;

interface Row {
  user_id: number;
  created_at: Date;
}

/** Scatters: an edge lies with its follower. The status stands in the text, for only so the planner takes the partial index. */
const followersOf = (status: EdgeStatus) => `
  select follower_id as user_id, created_at from follows
  where following_id = $1 and status = '${status}'
    and (created_at, follower_id) < ($2::timestamptz, $3::bigint)
  order by created_at desc, follower_id desc limit $4`;
const FOLLOWERS = followersOf("accepted");
const REQUESTS = followersOf("pending");

/** Index follows_followers_newest. */
export function followers(sql: Database, userId: number, before: Dated | undefined, limit: number): Promise<Dated[]> {
  return merged(sql, FOLLOWERS, userId, before, limit);
}

/** Index follows_requests. */
export function requests(sql: Database, userId: number, before: Dated | undefined, limit: number): Promise<Dated[]> {
  return merged(sql, REQUESTS, userId, before, limit);
}

/** Scatters: an edge lies with its follower. */
async function merged(sql: Database, text: string, userId: number, before: Dated | undefined, limit: number) {
  const pages = await Promise.all(sql.shards.map((shard) => dated(shard, text, userId, before, limit)));
  return pages.length === 1 ? pages[0]! : pages.flat().sort(newestFirst).slice(0, limit);
}

async function dated(shard: Shard, text: string, userId: number, before: Dated | undefined, limit: number) {
  const { rows } = await shard.query<Row>(text, [
    userId,
    before?.created_at ?? "infinity",
    before?.user_id ?? 0,
    limit,
  ]);
  return rows.map(({ user_id, created_at }): Dated => ({ user_id, created_at: created_at.toISOString() }));
}

function newestFirst(a: Dated, b: Dated): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? 1 : -1;
  return b.user_id - a.user_id;
}

/** Index follows_following_newest. */
export function following(sql: Database, userId: number, before: Dated | undefined, limit: number): Promise<Dated[]> {
  return dated(
    sql.at(userId),
    `select following_id as user_id, created_at from follows
     where follower_id = $1 and status = 'accepted'
       and (created_at, following_id) < ($2::timestamptz, $3::bigint)
     order by created_at desc, following_id desc limit $4`,
    userId,
    before,
    limit,
  );
}

/**
 * Accepted followers in the order of their ids, as one JSON value a shard: rows would take ten times as long to read. Index
 * follows_followers_by_key; scatters: an edge lies with its follower.
 */
export async function followerIds(
  sql: Database,
  userId: number,
  { after, upto }: { after: number; upto: number },
  limit: number,
): Promise<number[]> {
  const pages = await Promise.all(
    sql.shards.map((shard) =>
      shard.query<{ ids: number[] | null }>(
        `select json_agg(follower_id) as ids from (
           select follower_id from follows
           where following_id = $1 and status = 'accepted' and follower_id > $2 and follower_id <= $3
           order by follower_id limit $4
         ) page`,
        [userId, after, upto, limit],
      ),
    ),
  );
  const ids = pages.flatMap(({ rows }) => rows[0]?.ids ?? []);
  return pages.length === 1 ? ids : ids.sort((a, b) => a - b).slice(0, limit);
}

/** Which of these people follow an account. */
export async function thoseWhoFollow(sql: Database, userId: number, of: readonly number[]): Promise<Set<number>> {
  const pages = await Promise.all(
    sql
      .group(of)
      .map(({ shard, keys }) =>
        shard.query<{ follower_id: number }>(
          "select follower_id from follows where follower_id = any($2::bigint[]) and following_id = $1 and status = 'accepted'",
          [userId, keys],
        ),
      ),
  );
  return new Set(pages.flatMap(({ rows }) => rows.map(({ follower_id }) => follower_id)));
}

/** How many of these people follow each account, of the newest `each` that every one of them follows. Index follows_following_newest. */
export async function countFollowed(
  sql: Database,
  people: readonly number[],
  each: number,
): Promise<Map<number, number>> {
  const pages = await Promise.all(
    sql.group(people).map(({ shard, keys }) =>
      // As text, for the driver reads an array character by character.
      shard.query<{ ids: string }>(
        `select array(
           select following_id from follows where follower_id = friend.id and status = 'accepted'
           order by created_at desc, following_id desc limit $2
         )::text as ids
         from unnest($1::bigint[]) as friend(id)`,
        [keys, each],
      ),
    ),
  );
  const counts = new Map<number, number>();
  for (const { ids } of pages.flatMap(({ rows }) => rows)) {
    if (ids === "{}") continue;
    for (const text of ids.slice(1, -1).split(",")) {
      const id = Number(text);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
  }
  return counts;
}

/** Which of these are accepted followers. Primary key. */
export async function followersAmong(sql: Database, userId: number, among: readonly number[]): Promise<number[]> {
  const found = await Promise.all(
    sql.group(among).map(({ shard, keys }) =>
      shard.query<{ follower_id: number }>(
        `select follower_id from follows
         where follower_id = any($1::bigint[]) and following_id = $2 and status = 'accepted'`,
        [keys, userId],
      ),
    ),
  );
  return found.flatMap(({ rows }) => rows.map(({ follower_id }) => follower_id));
}
