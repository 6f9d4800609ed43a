import type { Database, Sql, Transaction } from "../../mixins/postgres";
import type { TimelineEntry, TimelinePosition } from "../../mixins/redis";

export async function add(tx: Transaction, post: TimelineEntry): Promise<void> {
  await tx.query(
    "insert into pulled_posts (user_id, post_id, post_created_at) values ($1, $2, $3) on conflict do nothing",
    [post.user_id, post.post_id, new Date(post.created_at_ms)],
  );
}

/** False where there was none. */
export async function remove(tx: Transaction, post: TimelineEntry): Promise<boolean> {
  const { rowCount } = await tx.query(
    "delete from pulled_posts where user_id = $1 and post_created_at = $2 and post_id = $3",
    [post.user_id, new Date(post.created_at_ms), post.post_id],
  );
  return rowCount > 0;
}

/** The author's pulled posts are others from now on. */
export async function raiseVersion(tx: Transaction, authorId: number): Promise<void> {
  await tx.query(
    `insert into pulled_authors as a (user_id) values ($1)
     on conflict (user_id) do update set version = a.version + 1`,
    [authorId],
  );
}

export async function versionOf(sql: Sql, authorId: number): Promise<number> {
  const { rows } = await sql.query<{ version: number }>("select version from pulled_authors where user_id = $1", [
    authorId,
  ]);
  return rows[0]?.version ?? 0;
}

/**
 * Everyone who ever had a pulled post. They only become more, so that their number is the version of the set. Scatters over
 * the shards, for whoever does not have that version.
 */
export async function authors(sql: Database): Promise<number[]> {
  const found = await Promise.all(
    sql.shards.map((shard) => shard.query<{ user_id: number }>("select user_id from pulled_authors order by user_id")),
  );
  return found.flatMap(({ rows }) => rows.map(({ user_id }) => user_id));
}

/** Everyone who ever had a pulled post, with the version of theirs. Scatters over the shards, once for all readers of a process. */
export async function versions(sql: Database): Promise<{ user_id: number; version: number }[]> {
  const found = await Promise.all(
    sql.shards.map((shard) =>
      shard.query<{ user_id: number; version: number }>("select user_id, version from pulled_authors order by user_id"),
    ),
  );
  return found.flatMap(({ rows }) => rows);
}

export interface PulledPage {
  user_id: number;
  version: number;
  /** Newest first. */
  entries: TimelineEntry[];
}

/** The newest of each of these authors, and their versions, of one moment for each shard. Scans the primary key backwards. */
export async function pages(
  sql: Database,
  authorIds: readonly number[],
  before: TimelinePosition | undefined,
  limit: number,
): Promise<PulledPage[]> {
  const found = await Promise.all(sql.group(authorIds).map(({ shard, keys }) => pagesOn(shard, keys, before, limit)));
  return found.flat();
}

async function pagesOn(
  sql: Sql,
  authorIds: readonly number[],
  before: TimelinePosition | undefined,
  limit: number,
): Promise<PulledPage[]> {
  const { rows } = await sql.query<{
    user_id: number;
    version: number;
    post_id: string | null;
    post_created_at: Date | null;
  }>(
    `select a.user_id, a.version, p.post_id, p.post_created_at
     from pulled_authors a left join lateral (
       select post_id, post_created_at from pulled_posts q
       where q.user_id = a.user_id
         and (q.post_created_at, q.post_id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::text, ''))
       order by q.post_created_at desc, q.post_id desc limit $4
     ) p on true
     where a.user_id = any($1::bigint[])
     order by a.user_id, p.post_created_at desc, p.post_id desc`,
    [authorIds, before ? new Date(before.created_at_ms) : null, before?.post_id ?? null, limit],
  );
  const byAuthor = new Map<number, PulledPage>();
  for (const { user_id, version, post_id, post_created_at } of rows) {
    const page = byAuthor.get(user_id) ?? { user_id, version, entries: [] };
    byAuthor.set(user_id, page);
    if (post_id !== null && post_created_at !== null)
      page.entries.push({ post_id, user_id, created_at_ms: post_created_at.getTime() });
  }
  return [...byAuthor.values()];
}

/** Which of these posts are pulled, and told of. Primary keys. */
export async function toldAmong(sql: Database, posts: readonly TimelineEntry[]): Promise<Set<string>> {
  if (posts.length === 0) return new Set();
  const byAuthor = new Map<number, TimelineEntry[]>();
  for (const post of posts) byAuthor.set(post.user_id, [...(byAuthor.get(post.user_id) ?? []), post]);
  const found = await Promise.all(
    sql.group([...byAuthor.keys()]).map(({ shard, keys }) => {
      const asked = keys.flatMap((key) => byAuthor.get(key) ?? []);
      return shard.query<{ post_id: string }>(
        `select p.post_id from unnest($1::bigint[], $2::timestamptz[], $3::text[]) as e (user_id, created_at, post_id)
         join pulled_posts p on p.user_id = e.user_id and p.post_created_at = e.created_at and p.post_id = e.post_id
         join feed_deliveries d on d.user_id = p.user_id and d.post_id = p.post_id and d.is_told`,
        [
          asked.map(({ user_id }) => user_id),
          asked.map(({ created_at_ms }) => new Date(created_at_ms)),
          asked.map(({ post_id }) => post_id),
        ],
      );
    }),
  );
  return new Set(found.flatMap(({ rows }) => rows.map(({ post_id }) => post_id)));
}
