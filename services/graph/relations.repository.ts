import type { Database } from "../../mixins/postgres";

/** What stands between a viewer and another, all of it beneath the viewer's own key. */
export interface Relation {
  is_following: boolean;
  is_requested: boolean;
  is_muted: boolean;
  is_blocking: boolean;
  is_blocked_by: boolean;
}

export const noRelation: Relation = {
  is_following: false,
  is_requested: false,
  is_muted: false,
  is_blocking: false,
  is_blocked_by: false,
};

const fields: Record<string, keyof Relation> = {
  accepted: "is_following",
  pending: "is_requested",
  muted: "is_muted",
  blocking: "is_blocking",
  blocked_by: "is_blocked_by",
};

export interface Relations {
  following_version: number;
  /** In the order asked. */
  relations: Relation[];
}

/** The relations of a viewer to many, and the version that they are of: one statement, so of one moment. */
export async function read(sql: Database, viewerId: number, otherIds: readonly number[]): Promise<Relations> {
  const { rows } = await sql.at(viewerId).query<{ id: number; kind: string }>(
    `select following_version as id, 'version' as kind from graph_counts where user_id = $1
     union all
     select following_id, status from follows where follower_id = $1 and following_id = any($2::bigint[])
     union all
     select muted_id, 'muted' from mutes where user_id = $1 and muted_id = any($2::bigint[])
     union all
     select other_id, kind from blocks where owner_id = $1 and other_id = any($2::bigint[])`,
    [viewerId, otherIds],
  );
  const found = new Map<number, Relation>();
  let following_version = 0;
  for (const { id, kind } of rows) {
    const field = fields[kind];
    if (field === undefined) following_version = id;
    else found.set(id, { ...(found.get(id) ?? noRelation), [field]: true });
  }
  return { following_version, relations: otherIds.map((id) => found.get(id) ?? noRelation) };
}

/** Those of these people whom a viewer neither follows nor asks, mutes or blocks, nor is blocked by. */
export async function strangersAmong(sql: Database, viewerId: number, ids: readonly number[]): Promise<Set<number>> {
  const { rows } = await sql.at(viewerId).query<{ id: number }>(
    `select id from unnest($2::bigint[]) as given(id)
     where id <> $1
       and not exists (select from follows where follower_id = $1 and following_id = id)
       and not exists (select from mutes where user_id = $1 and muted_id = id)
       and not exists (select from blocks where owner_id = $1 and other_id = id)`,
    [viewerId, ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Whose posts belong in a feed, and the version of that set: one statement, so of one moment. */
export async function feedSources(sql: Database, viewerId: number) {
  const { rows } = await sql.at(viewerId).query<{ following_version: number; user_ids: number[] }>(
    `select
       coalesce((select following_version from graph_counts where user_id = $1), 0) as following_version,
       array(
         select following_id from follows f
         where f.follower_id = $1 and f.status = 'accepted'
           and not exists (select from mutes m where m.user_id = $1 and m.muted_id = f.following_id)
           and not exists (select from blocks b where b.owner_id = $1 and b.other_id = f.following_id)
         order by following_id
       ) as user_ids`,
    [viewerId],
  );
  return rows[0]!;
}
