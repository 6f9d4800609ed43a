import type { Database, Transaction } from "../../mixins/postgres/sql";
import { columns, type MediaRow, type StoredMedia, type StoredRendition, toRow } from "./media.repository";

export interface Lease {
  media_id: string;
  /** Names one attempt: what an attempt that lost its lease still writes, changes nothing. */
  worker: string;
}

export interface Job {
  media: MediaRow;
  /** This one included. */
  attempts: number;
}

/** Undefined where another worker has it, or it waits for none any more. Counts the attempt before it begins. */
export async function take(database: Database, lease: Lease, seconds: number): Promise<Job | undefined> {
  const { rows } = await database.at(lease.media_id).query<StoredMedia & { attempts: number }>(
    `update media set worker = $2, attempts = attempts + 1, lease_until = now() + $3 * interval '1 second'
      where id = $1 and status = 'processing' and (lease_until is null or lease_until < now())
     returning ${columns}, attempts`,
    [lease.media_id, lease.worker, seconds],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { attempts, ...media } = row;
  return { media: toRow(media), attempts };
}

/** False when the lease was lost. */
export async function renew(database: Database, lease: Lease, seconds: number): Promise<boolean> {
  const { rowCount } = await database
    .at(lease.media_id)
    .query("update media set lease_until = now() + $3 * interval '1 second' where id = $1 and worker = $2", [
      lease.media_id,
      lease.worker,
      seconds,
    ]);
  return rowCount === 1;
}

/** For a node that stops in the middle: the attempt does not count, and anybody may take it at once. */
export async function giveBack(database: Database, lease: Lease): Promise<void> {
  await database
    .at(lease.media_id)
    .query(
      "update media set worker = null, lease_until = null, attempts = attempts - 1 where id = $1 and worker = $2",
      [lease.media_id, lease.worker],
    );
}

export interface Processed {
  width: number;
  height: number;
  duration_ms: number | null;
  thumbhash: string;
  renditions: StoredRendition[];
}

/** The owner, where this attempt still held the row. */
export async function finish(tx: Transaction, lease: Lease, result: Processed): Promise<number | undefined> {
  const { rows } = await tx.query<{ user_id: number }>(
    `update media set status = 'ready', width = $3, height = $4, duration_ms = $5, thumbhash = $6, renditions = $7,
            worker = null, lease_until = null
      where id = $1 and worker = $2 and status = 'processing' returning user_id`,
    [
      lease.media_id,
      lease.worker,
      result.width,
      result.height,
      result.duration_ms,
      result.thumbhash,
      JSON.stringify(result.renditions),
    ],
  );
  return rows[0]?.user_id;
}

/** The owner, where this attempt still held the row. */
export async function fail(tx: Transaction, lease: Lease, failure: string): Promise<number | undefined> {
  const { rows } = await tx.query<{ user_id: number }>(
    `update media set status = 'failed', failure = $3, worker = null, lease_until = null
      where id = $1 and worker = $2 and status = 'processing' returning user_id`,
    [lease.media_id, lease.worker, failure],
  );
  return rows[0]?.user_id;
}

/** An attempt that broke on something passing: anybody may try again after a while. */
export async function postpone(database: Database, lease: Lease, seconds: number): Promise<void> {
  await database
    .at(lease.media_id)
    .query(
      "update media set worker = null, lease_until = now() + $3 * interval '1 second' where id = $1 and worker = $2",
      [lease.media_id, lease.worker, seconds],
    );
}

/** Scatters over the shards: what nobody works on now, oldest first, by the index media_waiting. */
export async function waiting(database: Database, limit: number): Promise<string[]> {
  const found = await Promise.all(
    database.shards.map((shard) =>
      shard.query<{ id: string }>(
        `select id from media
          where status = 'processing' and (lease_until is null or lease_until < now()) order by created_at limit $1`,
        [limit],
      ),
    ),
  );
  return found.flatMap(({ rows }) => rows.map(({ id }) => id));
}

/** Scatters over the shards: uploads whose work is done and whose original is still there, by the index media_with_original. */
export async function withOriginal(database: Database, limit: number): Promise<string[]> {
  const found = await Promise.all(
    database.shards.map((shard) =>
      shard.query<{ id: string }>(
        "select id from media where has_original and status <> 'processing' order by created_at limit $1",
        [limit],
      ),
    ),
  );
  return found.flatMap(({ rows }) => rows.map(({ id }) => id));
}

export async function originalRemoved(database: Database, media_id: string): Promise<void> {
  await database.at(media_id).query("update media set has_original = false where id = $1", [media_id]);
}
