import type { Database } from "../../mixins/postgres/sql";
import { columns, type MediaRow, rowsOf } from "./media.repository";

export interface Claim {
  media_id: string;
  user_id: number;
  post_id: string;
}

/** "mine": this post had it already. Whoever comes second, even at once, is refused by the row itself. */
export async function claimForPost(
  database: Database,
  { media_id, user_id, post_id }: Claim,
): Promise<"new" | "mine" | "refused"> {
  const shard = database.at(media_id);
  const { rowCount } = await shard.query(
    `update media set used_as = 'post', post_id = $3, claimed_at = now()
      where id = $1 and user_id = $2 and used_as is null and status <> 'failed'`,
    [media_id, user_id, post_id],
  );
  if (rowCount === 1) return "new";
  const { rows } = await shard.query("select from media where id = $1 and user_id = $2 and post_id = $3", [
    media_id,
    user_id,
    post_id,
  ]);
  return rows.length === 1 ? "mine" : "refused";
}

/** Takes back a claim that no post.created confirmed. */
export async function unclaim(database: Database, { media_id, user_id, post_id }: Claim): Promise<void> {
  await database.at(media_id).query(
    `update media set used_as = null, post_id = null, claimed_at = null
      where id = $1 and user_id = $2 and post_id = $3 and confirmed_at is null`,
    [media_id, user_id, post_id],
  );
}

/** The post exists. A claim that was released meanwhile is made again where nothing else took the upload. */
export async function confirm(database: Database, { media_id, user_id, post_id }: Claim): Promise<void> {
  await database.at(media_id).query(
    `update media set used_as = 'post', post_id = $3, claimed_at = coalesce(claimed_at, now()),
            confirmed_at = coalesce(confirmed_at, now())
      where id = $1 and user_id = $2 and (used_as is null or post_id = $3)`,
    [media_id, user_id, post_id],
  );
}

/** Whether the post is archived, unless something newer is known of it. */
export async function noteArchived(
  database: Database,
  { media_id, user_id, post_id }: Claim,
  { is_archived, told_at }: { is_archived: boolean; told_at: string },
): Promise<void> {
  await database.at(media_id).query(
    `update media set is_archived = $4, archived_told_at = $5
      where id = $1 and user_id = $2 and post_id = $3 and (archived_told_at is null or archived_told_at <= $5)`,
    [media_id, user_id, post_id, is_archived, told_at],
  );
}

/** Scatters over the shards: claims of posts that never came, by the index media_unconfirmed. */
export async function releaseAbandoned(database: Database, ageSeconds: number): Promise<void> {
  for (const shard of database.shards) {
    await shard.query(
      `update media set used_as = null, post_id = null, claimed_at = null
        where used_as = 'post' and confirmed_at is null and claimed_at < now() - $1 * interval '1 second'`,
      [ageSeconds],
    );
  }
}

/** Undefined where this is no ready, unused image of this person (or their avatar already). */
export async function claimAsAvatar(
  database: Database,
  own: { media_id: string; user_id: number },
): Promise<MediaRow | undefined> {
  const [row] = await rowsOf(
    database.at(own.media_id),
    `update media set used_as = 'avatar', claimed_at = now()
      where id = $1 and user_id = $2 and status = 'ready' and kind = 'image' and (used_as is null or used_as = 'avatar')
     returning ${columns}`,
    [own.media_id, own.user_id],
  );
  return row;
}

export async function confirmAvatar(database: Database, media_id: string): Promise<void> {
  await database
    .at(media_id)
    .query("update media set confirmed_at = now() where id = $1 and used_as = 'avatar' and confirmed_at is null", [
      media_id,
    ]);
}

/** Scatters over the shards: people whose change of avatar broke off in the middle, by the index media_unconfirmed. */
export async function peopleWithUnsettledAvatar(database: Database, ageSeconds: number): Promise<number[]> {
  const found = await Promise.all(
    database.shards.map((shard) =>
      shard.query<{ user_id: number }>(
        `select distinct user_id from media
          where used_as = 'avatar' and confirmed_at is null and claimed_at < now() - $1 * interval '1 second' limit 100`,
        [ageSeconds],
      ),
    ),
  );
  return [...new Set(found.flatMap(({ rows }) => rows.map(({ user_id }) => user_id)))];
}

/** Scatters over the shards: all of one person that are or were their avatar, by the index media_of_user. */
export async function avatarsOf(database: Database, userId: number, ageSeconds: number): Promise<string[]> {
  const found = await Promise.all(
    database.shards.map((shard) =>
      shard.query<{ id: string }>(
        `select id from media
          where user_id = $1 and used_as = 'avatar' and claimed_at < now() - $2 * interval '1 second'`,
        [userId, ageSeconds],
      ),
    ),
  );
  return found.flatMap(({ rows }) => rows.map(({ id }) => id));
}
