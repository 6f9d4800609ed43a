import type { Sql } from "../../mixins/postgres";

/** Friends of friends as one writes them first: everyone whom those who are followed follow. On one shard. */
export async function suggestPlainly(sql: Sql, viewerId: number, limit: number): Promise<number> {
  const { rows } = await sql.query(
    `select theirs.following_id, count(*) as mutual_count
     from follows mine join follows theirs on theirs.follower_id = mine.following_id and theirs.status = 'accepted'
     where mine.follower_id = $1 and mine.status = 'accepted' and theirs.following_id <> $1
       and not exists (select from follows f where f.follower_id = $1 and f.following_id = theirs.following_id)
       and not exists (select from mutes m where m.user_id = $1 and m.muted_id = theirs.following_id)
       and not exists (select from blocks b where b.owner_id = $1 and b.other_id = theirs.following_id)
     group by theirs.following_id order by mutual_count desc, theirs.following_id limit $2`,
    [viewerId, limit],
  );
  return rows.length;
}
