import type { Sql, Transaction } from "../../mixins/postgres";
import type { TimelineEntry } from "../../mixins/redis";

/** How a post reaches its readers: decided once. Its rows lie beneath the author. */
export interface Delivery {
  /** Null: undecided. */
  is_pulled: boolean | null;
  /** The pulled post or the pages of a push are stored. */
  is_done: boolean;
  is_archived: boolean;
  archived_at: Date | null;
}

export async function find(sql: Sql, authorId: number, postId: string): Promise<Delivery | undefined> {
  const { rows } = await sql.query<Delivery>(
    `select is_pulled, is_done, is_archived, archived_at
     from feed_deliveries where user_id = $1 and post_id = $2`,
    [authorId, postId],
  );
  return rows[0];
}

/** Decides unless it was decided before. Answers what holds, its row locked. */
export async function decide(tx: Transaction, post: TimelineEntry, isPulled: boolean): Promise<Delivery> {
  const { rows } = await tx.query<Delivery>(
    `insert into feed_deliveries as d (user_id, post_id, post_created_at, is_pulled) values ($1, $2, $3, $4)
     on conflict (user_id, post_id) do update set is_pulled = coalesce(d.is_pulled, excluded.is_pulled)
     returning is_pulled, is_done, is_archived, archived_at`,
    [post.user_id, post.post_id, new Date(post.created_at_ms), isPulled],
  );
  return rows[0]!;
}

export async function finish(tx: Transaction, post: TimelineEntry): Promise<void> {
  await tx.query("update feed_deliveries set is_done = true where user_id = $1 and post_id = $2", [
    post.user_id,
    post.post_id,
  ]);
}

/** Readers find the pulled post from here on. */
export async function noteTold(sql: Sql, post: TimelineEntry): Promise<void> {
  await sql.query("update feed_deliveries set is_told = true where user_id = $1 and post_id = $2 and not is_told", [
    post.user_id,
    post.post_id,
  ]);
}

/** Notes that the post was archived or shown, by the newest such event. Answers what held before, or undefined. */
export async function noteArchived(
  tx: Transaction,
  post: TimelineEntry,
  isArchived: boolean,
  occurredAt: string,
): Promise<Delivery | undefined> {
  await tx.query(
    `insert into feed_deliveries (user_id, post_id, post_created_at) values ($1, $2, $3) on conflict do nothing`,
    [post.user_id, post.post_id, new Date(post.created_at_ms)],
  );
  const { rows } = await tx.query<Delivery>(
    `select is_pulled, is_done, is_archived, archived_at
     from feed_deliveries where user_id = $1 and post_id = $2 for update`,
    [post.user_id, post.post_id],
  );
  await tx.query(
    `update feed_deliveries set is_archived = $3, archived_at = $4
     where user_id = $1 and post_id = $2 and (archived_at is null or archived_at <= $4)`,
    [post.user_id, post.post_id, isArchived, occurredAt],
  );
  return rows[0];
}

export async function remove(tx: Transaction, authorId: number, postId: string): Promise<void> {
  await tx.query("delete from feed_deliveries where user_id = $1 and post_id = $2", [authorId, postId]);
}
