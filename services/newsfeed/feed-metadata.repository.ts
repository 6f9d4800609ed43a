import type { Sql, Transaction } from "../../mixins/postgres";
import type { TimelinePosition } from "../../mixins/redis";

export interface MetadataRow {
  user_id: number;
  last_updated: Date | null;
  total_items: number;
  is_stale: boolean;
  stale_version: number;
  following_version: number | null;
  floor_created_at: Date | null;
  floor_post_id: string | null;
}

/** How a stored feed stands. */
export interface FeedState {
  last_updated: Date | null;
  is_stale: boolean;
  stale_version: number;
  /** That it was built from; -1 before the first build. */
  following_version: number;
  /** The oldest position down to which it is complete; undefined: it is the whole feed. */
  floor: TimelinePosition | undefined;
}

export function metadataOf(row: MetadataRow): FeedState {
  const { floor_created_at, floor_post_id } = row;
  const floor =
    floor_created_at !== null && floor_post_id !== null
      ? { created_at_ms: floor_created_at.getTime(), post_id: floor_post_id }
      : undefined;
  const { last_updated, is_stale, stale_version } = row;
  return { last_updated, is_stale, stale_version, following_version: row.following_version ?? -1, floor };
}

/** May this be shown to a viewer whose relations are at this version. */
export function isFresh(state: FeedState | undefined, followingVersion: number): state is FeedState {
  return state !== undefined && !state.is_stale && state.following_version >= followingVersion;
}

export async function find(sql: Sql, viewerId: number): Promise<FeedState | undefined> {
  const { rows } = await sql.query<MetadataRow>("select * from feed_metadata where user_id = $1", [viewerId]);
  return rows[0] && metadataOf(rows[0]);
}

/** Before a feed is computed: marks that come from here on outlive the rebuild. Answers the newest mark. */
export async function begin(sql: Sql, viewerId: number): Promise<number> {
  const { rows } = await sql.query<{ stale_version: number }>(
    `insert into feed_metadata as m (user_id, is_stale) values ($1, true)
     on conflict (user_id) do update set stale_version = m.stale_version
     returning stale_version`,
    [viewerId],
  );
  return rows[0]!.stale_version;
}

/** Holds the feed against other rebuilds until the commit. */
export async function lock(tx: Transaction, viewerId: number): Promise<FeedState | undefined> {
  const { rows } = await tx.query<MetadataRow>("select * from feed_metadata where user_id = $1 for update", [viewerId]);
  return rows[0] && metadataOf(rows[0]);
}

export interface Built {
  following_version: number;
  total_items: number;
  floor: TimelinePosition | undefined;
  /** The newest mark when it began. */
  stale_version: number;
}

export async function finish(tx: Transaction, viewerId: number, built: Built): Promise<void> {
  await tx.query(
    `update feed_metadata set following_version = $2, total_items = $3, floor_created_at = $4, floor_post_id = $5,
       last_updated = now(), is_stale = stale_version <> $6
     where user_id = $1`,
    [
      viewerId,
      built.following_version,
      built.total_items,
      built.floor ? new Date(built.floor.created_at_ms) : null,
      built.floor?.post_id ?? null,
      built.stale_version,
    ],
  );
}

/** Marks feeds, all of this shard, to be rebuilt when next read. One that was never built is rebuilt anyway. */
export async function markStale(sql: Sql, viewerIds: readonly number[]): Promise<void> {
  await sql.query(
    `update feed_metadata set is_stale = true, stale_version = stale_version + 1
     where user_id in (select user_id from feed_metadata where user_id = any($1::bigint[]) order by user_id for update)`,
    [viewerIds],
  );
}

/** The same for one feed, unless it was built from this version or a newer one. */
export async function markOlder(sql: Sql, viewerId: number, followingVersion: number): Promise<void> {
  await sql.query(
    `update feed_metadata set is_stale = true, stale_version = stale_version + 1
     where user_id = $1 and following_version < $2`,
    [viewerId, followingVersion],
  );
}

export async function countItems(sql: Sql, viewerId: number, total: number): Promise<void> {
  await sql.query("update feed_metadata set total_items = $2 where user_id = $1 and total_items <> $2", [
    viewerId,
    total,
  ]);
}

export async function remove(sql: Sql, viewerId: number): Promise<void> {
  await sql.query("delete from feed_metadata where user_id = $1", [viewerId]);
}
