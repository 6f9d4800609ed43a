import type { Database, Sql } from "../../mixins/postgres/sql";

/** One size of an upload, as it is stored: `file` lies beneath the upload's own key and is the last part of its URL. */
export interface StoredRendition {
  name: string;
  format: string;
  width: number;
  height: number;
  bytes: number;
  file: string;
}

export interface MediaRow {
  id: string;
  user_id: number;
  status: "processing" | "ready" | "failed";
  kind: "image" | "video";
  mime: string;
  bytes: number;
  width: number | null;
  height: number | null;
  duration_ms: number | null;
  alt_text: string;
  thumbhash: string | null;
  renditions: StoredRendition[];
  failure: string | null;
  secret: string;
  used_as: "post" | "avatar" | null;
  post_id: string | null;
  confirmed_at: string | null;
  /** The post that uses it shows to its author alone. */
  is_archived: boolean;
  created_at: string;
}

export type NewMedia = Pick<MediaRow, "id" | "user_id" | "kind" | "mime" | "bytes" | "alt_text" | "secret">;

export type StoredMedia = Omit<MediaRow, "created_at" | "confirmed_at"> & {
  created_at: Date;
  confirmed_at: Date | null;
};

export const columns = `id, user_id, status, kind, mime, bytes, width, height, duration_ms, alt_text, thumbhash, renditions,
  failure, secret, used_as, post_id, confirmed_at, is_archived, created_at`;

export function toRow(stored: StoredMedia): MediaRow {
  return {
    ...stored,
    created_at: stored.created_at.toISOString(),
    confirmed_at: stored.confirmed_at?.toISOString() ?? null,
  };
}

/** Runs one statement that answers with whole rows. */
export async function rowsOf(sql: Sql, text: string, params: readonly unknown[]): Promise<MediaRow[]> {
  const { rows } = await sql.query<StoredMedia>(text, params);
  return rows.map(toRow);
}

export async function insert(sql: Sql, media: NewMedia): Promise<MediaRow> {
  const { id, user_id, kind, mime, bytes, alt_text, secret } = media;
  const [row] = await rowsOf(
    sql,
    `insert into media (id, user_id, status, kind, mime, bytes, alt_text, secret)
     values ($1, $2, 'processing', $3, $4, $5, $6, $7) returning ${columns}`,
    [id, user_id, kind, mime, bytes, alt_text, secret],
  );
  return row!;
}

export async function find(database: Database, id: string): Promise<MediaRow | undefined> {
  const [row] = await rowsOf(database.at(id), `select ${columns} from media where id = $1`, [id]);
  return row;
}

/** Those that exist, in no order. */
export async function findMany(database: Database, ids: readonly string[]): Promise<MediaRow[]> {
  const found = await Promise.all(
    database
      .group([...new Set(ids)])
      .map(({ shard, keys }) => rowsOf(shard, `select ${columns} from media where id = any($1)`, [keys])),
  );
  return found.flat();
}

/** Undefined where this person has no such upload. */
export async function setAltText(
  database: Database,
  own: { id: string; user_id: number },
  altText: string,
): Promise<MediaRow | undefined> {
  const [row] = await rowsOf(
    database.at(own.id),
    `update media set alt_text = $3 where id = $1 and user_id = $2 returning ${columns}`,
    [own.id, own.user_id, altText],
  );
  return row;
}
