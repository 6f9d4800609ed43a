import type { Database, Sql } from "../../mixins/postgres";
import { isSeenIn } from "../../mixins/postgres/snapshot";
import type { TimelineEntry, TimelinePosition } from "../../mixins/redis";
import { metadataOf, type FeedState, type MetadataRow } from "./feed-metadata.repository";

/** What is asked of a table: all that is newer than `upTo`, and what is not but came after `seen` was taken. */
export interface Wanted {
  upTo: TimelinePosition;
  /** Nothing older, however late it came. */
  since: Date;
  /** Undefined: nothing was seen. */
  seen: string | undefined;
  /** Rows are told apart by whether this snapshot shows them. */
  then: string | undefined;
  limit: number;
}

export interface Arrival extends TimelineEntry {
  was_there_then: boolean;
}

export interface Arrivals {
  /** That this was read in. */
  snapshot: string;
  /** Newest first. */
  entries: Arrival[];
}

interface Row {
  snapshot: string;
  user_id: number | null;
  post_id: string | null;
  post_created_at: Date | null;
  was_there_then: boolean | null;
}

const isWanted = `t.post_created_at >= $5
  and ((t.post_created_at, t.post_id) > ($2::timestamptz, $3::text) or not ${isSeenIn("$4::pg_snapshot", "t")})`;
const wasThereThen = `${isSeenIn("$6::pg_snapshot", "t")} as was_there_then`;

/** What was pushed to a viewer: one statement, so of one moment. Primary key. */
export async function pushed(
  sql: Sql,
  viewerId: number,
  wanted: Wanted,
): Promise<(Arrivals & { state: FeedState }) | undefined> {
  const { rows } = await sql.query<MetadataRow & Row>(
    `select m.*, pg_current_snapshot()::text as snapshot, i.post_user_id as user_id, i.post_id, i.post_created_at, i.was_there_then
     from feed_metadata m left join lateral (
       select post_user_id, post_id, post_created_at, ${wasThereThen} from feed_items t
       where t.user_id = $1 and ${isWanted}
         and (t.post_created_at, t.post_id) >= (coalesce(m.floor_created_at, '-infinity'), coalesce(m.floor_post_id, ''))
       order by post_created_at desc, post_id desc limit $7
     ) i on true
     where m.user_id = $1
     order by i.post_created_at desc, i.post_id desc`,
    params(viewerId, wanted),
  );
  const [first] = rows;
  return first && { state: metadataOf(first), ...arrivalsOf(rows, first) };
}

/** What these authors, all of this shard, have that is pulled. Primary key, and few rows beyond it: a few hours of each. */
export async function pulled(sql: Sql, authorIds: readonly number[], wanted: Wanted): Promise<Arrivals> {
  const { rows } = await sql.query<Row>(
    `select pg_current_snapshot()::text as snapshot, p.*
     from (select) one left join (
       select user_id, post_id, post_created_at, ${wasThereThen} from pulled_posts t
       where user_id = any($1::bigint[]) and ${isWanted}
       order by post_created_at desc, post_id desc limit $7
     ) p on true
     order by p.post_created_at desc, p.post_id desc`,
    params(authorIds, wanted),
  );
  return arrivalsOf(rows, rows[0]!);
}

/** Which of these posts the snapshot shows among those pushed to a viewer. Primary key. */
export function pushedBefore(
  sql: Sql,
  viewerId: number,
  posts: readonly TimelineEntry[],
  seen: string,
): Promise<string[]> {
  return seenBefore(sql, "feed_items", { posts, keys: posts.map(() => viewerId), seen });
}

/** Which of these posts, all of authors of this shard, the snapshot shows among those pulled. Primary key. */
export function pulledBefore(sql: Sql, posts: readonly TimelineEntry[], seen: string): Promise<string[]> {
  return seenBefore(sql, "pulled_posts", { posts, keys: posts.map(({ user_id }) => user_id), seen });
}

interface Seen {
  posts: readonly TimelineEntry[];
  /** Beneath which each would stand. */
  keys: readonly number[];
  seen: string;
}

async function seenBefore(sql: Sql, table: "feed_items" | "pulled_posts", { posts, keys, seen }: Seen) {
  const { rows } = await sql.query<{ post_id: string }>(
    `select t.post_id from unnest($1::bigint[], $2::timestamptz[], $3::text[]) as e (user_id, created_at, post_id)
     join ${table} t on t.user_id = e.user_id and t.post_created_at = e.created_at and t.post_id = e.post_id
     where ${isSeenIn("$4::pg_snapshot", "t")}`,
    [keys, posts.map(({ created_at_ms }) => new Date(created_at_ms)), posts.map(({ post_id }) => post_id), seen],
  );
  return rows.map(({ post_id }) => post_id);
}

/** By shard, for each has a history of its own. */
export function pulledOf(
  sql: Database,
  authorIds: readonly number[],
  wantedOn: (shard: number) => Wanted,
): Promise<(Arrivals & { shard: number })[]> {
  return Promise.all(
    sql.group(authorIds).map(async ({ shard, keys }) => {
      const found = await pulled(shard, keys, wantedOn(shard.index));
      return { shard: shard.index, ...found };
    }),
  );
}

function params(key: number | readonly number[], { upTo, since, seen, then, limit }: Wanted): unknown[] {
  return [key, new Date(upTo.created_at_ms), upTo.post_id, seen ?? null, since, then ?? null, limit];
}

function arrivalsOf(rows: readonly Row[], { snapshot }: Row): Arrivals {
  const entries = rows.flatMap(({ user_id, post_id, post_created_at, was_there_then }) =>
    user_id !== null && post_id !== null && post_created_at !== null
      ? [{ user_id, post_id, created_at_ms: post_created_at.getTime(), was_there_then: was_there_then === true }]
      : [],
  );
  return { snapshot, entries };
}
