import type { Shard, Sql, Transaction } from "../../mixins/postgres";

export interface Edge {
  follower_id: number;
  following_id: number;
}

export type EdgeStatus = "accepted" | "pending";

export interface StoredEdge {
  status: EdgeStatus;
  is_new: boolean;
}

/** Stores the edge once. A repeat, even a simultaneous one, answers with the first row. */
export async function insert(tx: Transaction, edge: Edge, status: EdgeStatus): Promise<StoredEdge> {
  const { rows } = await tx.query<StoredEdge>(
    `insert into follows as f (follower_id, following_id, status)
     values ($1, $2, $3)
     on conflict (follower_id, following_id) do update set status = f.status
     returning status, f.xmax = 0 as is_new -- xmax is 0 only on a row inserted just now`,
    [edge.follower_id, edge.following_id, status],
  );
  return rows[0]!;
}

/** Stores accepted edges of one shard, all or none; answers those that did not stand yet. Blocked pairs are left out. */
export async function insertMany(tx: Transaction, edges: readonly Edge[]): Promise<Edge[]> {
  const { rows } = await tx.query<Edge>(
    `insert into follows as f (follower_id, following_id, status)
     select follower_id, following_id, 'accepted'
     from unnest($1::bigint[], $2::bigint[]) as given(follower_id, following_id)
     where not exists (
       select from blocks b where b.owner_id = given.follower_id and b.other_id = given.following_id)
     order by follower_id, following_id
     on conflict (follower_id, following_id)
       do update set status = 'accepted', created_at = now() where f.status = 'pending'
     returning follower_id, following_id`,
    [edges.map(({ follower_id }) => follower_id), edges.map(({ following_id }) => following_id)],
  );
  return rows;
}

/** True when the edge was a request until now. */
export async function accept(tx: Transaction, edge: Edge): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update follows set status = 'accepted', created_at = now()
     where follower_id = $1 and following_id = $2 and status = 'pending'`,
    [edge.follower_id, edge.following_id],
  );
  return rowCount > 0;
}

/** Accepts the requests of these people of one shard; answers whose were still pending. */
export async function acceptMany(
  tx: Transaction,
  followingId: number,
  followerIds: readonly number[],
): Promise<number[]> {
  const { rows } = await tx.query<Edge>(
    `update follows set status = 'accepted', created_at = now()
     where follower_id = any($2::bigint[]) and following_id = $1 and status = 'pending'
     returning follower_id, following_id`,
    [followingId, followerIds],
  );
  return rows.map(({ follower_id }) => follower_id);
}

/** Deletes the edge where it has one of these states; answers which it had. */
export async function remove(
  tx: Transaction,
  edge: Edge,
  having: readonly EdgeStatus[],
): Promise<EdgeStatus | undefined> {
  const { rows } = await tx.query<{ status: EdgeStatus }>(
    "delete from follows where follower_id = $1 and following_id = $2 and status = any($3) returning status",
    [edge.follower_id, edge.following_id, having],
  );
  return rows[0]?.status;
}

/** Deletes the edges of these people of one shard to an account. */
export async function removeFollowers(tx: Transaction, followingId: number, followerIds: readonly number[]) {
  const { rows } = await tx.query<{ follower_id: number; status: EdgeStatus }>(
    "delete from follows where follower_id = any($2::bigint[]) and following_id = $1 returning follower_id, status",
    [followingId, followerIds],
  );
  return rows;
}

/** Deletes some of the edges of one person. */
export async function removeSome(tx: Transaction, followerId: number, limit: number) {
  const { rows } = await tx.query<{ following_id: number; status: EdgeStatus }>(
    `delete from follows where follower_id = $1 and following_id in (
       select following_id from follows where follower_id = $1 order by following_id limit $2)
     returning following_id, status`,
    [followerId, limit],
  );
  return rows;
}

export async function statusOf(sql: Sql, edge: Edge): Promise<EdgeStatus | undefined> {
  const { rows } = await sql.query<{ status: EdgeStatus }>(
    "select status from follows where follower_id = $1 and following_id = $2",
    [edge.follower_id, edge.following_id],
  );
  return rows[0]?.status;
}

/** The first of those on one shard who follow an account, or ask to. Indexes follows_followers_by_key and follows_requests. */
export async function someFollowersOn(shard: Shard, followingId: number, limit: number): Promise<number[]> {
  const { rows } = await shard.query<{ follower_id: number }>(
    `(select follower_id from follows where following_id = $1 and status = 'accepted' order by follower_id limit $2)
     union all
     (select follower_id from follows where following_id = $1 and status = 'pending' limit $2)
     limit $2`,
    [followingId, limit],
  );
  return rows.map(({ follower_id }) => follower_id);
}

/** Those on one shard who ask to follow an account, in the order of their ids. Index follows_requests_by_key. */
export async function requestersOn(shard: Shard, followingId: number, after: number, limit: number): Promise<number[]> {
  const { rows } = await shard.query<{ follower_id: number }>(
    `select follower_id from follows where following_id = $1 and status = 'pending' and follower_id > $2
     order by follower_id limit $3`,
    [followingId, after, limit],
  );
  return rows.map(({ follower_id }) => follower_id);
}
