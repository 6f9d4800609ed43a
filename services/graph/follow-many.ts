import type { Shard } from "../../mixins/postgres";
import type { TypedContext } from "../define-service";
import type { Edge } from "./follows.repository";
import * as follows from "./follows.repository";
import * as people from "./people.repository";
import { type Graph, raiseMany } from "./under-lock";

/** Stores accepted follows among accounts that exist, one transaction a shard; answers how many are new. */
export async function followMany(graph: Graph, ctx: TypedContext<{ edges: Edge[] }>): Promise<number> {
  const edges = await amongExisting(ctx, ctx.params.edges);
  let newCount = 0;
  for (const { shard, keys } of graph.sql.group([...new Set(edges.map(({ follower_id }) => follower_id))])) {
    const followers = new Set(keys);
    newCount += await storeOn(
      graph,
      shard,
      edges.filter(({ follower_id }) => followers.has(follower_id)),
    );
  }
  return newCount;
}

async function amongExisting(ctx: TypedContext, edges: readonly Edge[]): Promise<Edge[]> {
  const given = new Map(edges.map((edge) => [`${edge.follower_id}:${edge.following_id}`, edge]));
  const user_ids = [...new Set(edges.flatMap(({ follower_id, following_id }) => [follower_id, following_id]))];
  if (user_ids.length === 0) return [];
  const { users } = await ctx.call("auth.getMany", { user_ids });
  const existing = new Set(users.map(({ id }) => id));
  return [...given.values()].filter(
    ({ follower_id, following_id }) =>
      follower_id !== following_id && existing.has(follower_id) && existing.has(following_id),
  );
}

async function storeOn(graph: Graph, shard: Shard, edges: readonly Edge[]): Promise<number> {
  const [added, raiseCached] = await shard.transaction(async (tx) => {
    const living = new Set(await people.lockMany(tx, [...new Set(edges.map(({ follower_id }) => follower_id))]));
    const stored = await follows.insertMany(
      tx,
      edges.filter(({ follower_id }) => living.has(follower_id)),
    );
    const raised = await raiseMany(
      graph,
      tx,
      stored.map(({ follower_id, following_id }) => ({ user_id: follower_id, other_id: following_id, delta: 1 })),
    );
    await graph.publishMany(tx, "follow.accepted", stored);
    return [stored.length, raised] as const;
  });
  await raiseCached();
  return added;
}
