import type { Database } from "../../mixins/postgres/sql";

/** An upload that comes in parts and is not completed yet. */
export interface UploadRow {
  media_id: string;
  user_id: number;
  kind: "image" | "video";
  size_bytes: number;
  part_size_bytes: number;
  alt_text: string;
  store_name: string;
  expires_at: string;
}

type StoredUpload = Omit<UploadRow, "expires_at"> & { expires_at: Date };

/** Its removal must have been announced: that note says when it expires. */
export async function insert(database: Database, upload: Omit<UploadRow, "expires_at">): Promise<void> {
  const { media_id, user_id, kind, size_bytes, part_size_bytes, alt_text, store_name } = upload;
  await database.at(media_id).query(
    `insert into media_uploads (media_id, user_id, kind, size_bytes, part_size_bytes, alt_text, store_name)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [media_id, user_id, kind, size_bytes, part_size_bytes, alt_text, store_name],
  );
}

/** Undefined where there is none, or it has expired. */
export async function find(database: Database, media_id: string): Promise<UploadRow | undefined> {
  const { rows } = await database.at(media_id).query<StoredUpload>(
    `select u.media_id, u.user_id, u.kind, u.size_bytes, u.part_size_bytes, u.alt_text, u.store_name, r.due_at as expires_at
       from media_uploads u join media_removals r on r.media_id = u.media_id
      where u.media_id = $1 and r.media_id = $1 and r.due_at > now()`,
    [media_id],
  );
  const [row] = rows;
  return row === undefined ? undefined : { ...row, expires_at: row.expires_at.toISOString() };
}

/** Undefined where this person has no such upload under way. */
export async function findOwn(
  database: Database,
  own: { id: string; user_id: number },
): Promise<UploadRow | undefined> {
  const upload = await find(database, own.id);
  return upload?.user_id === own.user_id ? upload : undefined;
}

/** Scatters over the shards, by the index media_uploads_of_user. */
export async function idsOfUser(database: Database, user_id: number): Promise<string[]> {
  const found = await Promise.all(
    database.shards.map((shard) =>
      shard.query<{ media_id: string }>("select media_id from media_uploads where user_id = $1", [user_id]),
    ),
  );
  return found.flatMap(({ rows }) => rows.map(({ media_id }) => media_id));
}
