import type { Database, Shard, Sql } from "../../mixins/postgres/sql";

/** A deleted upload whose objects are still to go. */
export interface Removed {
  id: string;
  /** A worker may still write objects of it: they are removed once more later. */
  is_in_work: boolean;
}

/** Longer than any work on one upload goes on after its row is gone. */
const LATE_SECONDS = 3600;
const BATCH = 200;

/** Says that objects may lie under this id from now on, and that without a row they are to go. */
export async function announce(database: Database, media_id: string, seconds: number): Promise<void> {
  await database
    .at(media_id)
    .query("insert into media_removals (media_id, due_at) values ($1, now() + $2 * interval '1 second')", [
      media_id,
      seconds,
    ]);
}

/** Long ago, so that no transaction which began before can call it off. False where it was called off, or settled, before. */
export async function makeDue(database: Database, media_id: string): Promise<boolean> {
  const { rowCount } = await database
    .at(media_id)
    .query("update media_removals set due_at = 'epoch' where media_id = $1", [media_id]);
  return rowCount === 1;
}

/** In the transaction that inserts the row. False when the upload took so long that its objects may be gone. */
export async function callOff(sql: Sql, media_id: string): Promise<boolean> {
  const { rowCount } = await sql.query("delete from media_removals where media_id = $1 and due_at > now()", [media_id]);
  return rowCount === 1;
}

/** The objects are gone, and with this an upload that was not completed. */
export async function settle(database: Database, media_id: string): Promise<void> {
  await database.at(media_id).query("delete from media_removals where media_id = $1", [media_id]);
}

/** Scatters over the shards, by the index media_removals_due. */
export async function due(database: Database): Promise<string[]> {
  const found = await Promise.all(
    database.shards.map((shard) =>
      shard.query<{ media_id: string }>(
        "select media_id from media_removals where due_at <= now() order by due_at limit $1",
        [BATCH],
      ),
    ),
  );
  return found.flatMap(({ rows }) => rows.map(({ media_id }) => media_id));
}

export function removeUnused(database: Database, own: { id: string; user_id: number }): Promise<Removed[]> {
  return remove(database.at(own.id), "id = $1 and user_id = $2 and used_as is null", [own.id, own.user_id]);
}

/** An upload that the post claimed, or had claimed before the claim was released. */
export function removeOfPost(
  database: Database,
  { media_id, user_id, post_id }: { media_id: string; user_id: number; post_id: string },
): Promise<Removed[]> {
  return remove(database.at(media_id), "id = $1 and user_id = $2 and (post_id = $3 or used_as is null)", [
    media_id,
    user_id,
    post_id,
  ]);
}

export function removeAvatar(database: Database, own: { media_id: string; user_id: number }): Promise<Removed[]> {
  return remove(database.at(own.media_id), "id = $1 and user_id = $2 and used_as = 'avatar'", [
    own.media_id,
    own.user_id,
  ]);
}

/** Scatters over the shards: one batch of one person's uploads on each, by the index media_of_user. */
export async function removeSomeOfUser(database: Database, user_id: number): Promise<Removed[]> {
  const removed = await Promise.all(
    database.shards.map((shard) =>
      remove(shard, "id in (select id from media where user_id = $1 order by id limit $2)", [user_id, BATCH]),
    ),
  );
  return removed.flat();
}

/** Scatters over the shards: one batch of what nothing used for so long on each, by the index media_unused. */
export async function removeSomeUnused(database: Database, ageSeconds: number): Promise<Removed[]> {
  const removed = await Promise.all(
    database.shards.map((shard) =>
      remove(
        shard,
        `used_as is null and id in (
           select id from media where used_as is null and created_at < now() - $1 * interval '1 second'
            order by created_at limit $2)`,
        [ageSeconds, BATCH],
      ),
    ),
  );
  return removed.flat();
}

/** Deletes rows of one shard, and in the same statement notes on that shard whose objects must go. */
async function remove(shard: Shard, which: string, params: readonly unknown[]): Promise<Removed[]> {
  const { rows } = await shard.query<Removed>(
    `with gone as (delete from media where ${which} returning id, status),
          noted as (
            insert into media_removals (media_id, due_at)
            select id, case when status = 'processing' then now() + ${LATE_SECONDS} * interval '1 second' else now() end
              from gone
            on conflict (media_id) do update set due_at = excluded.due_at)
     select id, status = 'processing' as is_in_work from gone`,
    params,
  );
  return rows;
}
