import type { Database } from "../../mixins/postgres";

/** As if this feed had never been read, nor anything pushed into it. */
export async function forgetFeed(db: Database, viewerId: number): Promise<void> {
  for (const table of ["feed_items", "feed_metadata"])
    await db.at(viewerId).query(`delete from ${table} where user_id = $1`, [viewerId]);
}
