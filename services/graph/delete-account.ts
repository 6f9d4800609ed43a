import type { Shard } from "../../mixins/postgres";
import * as blocks from "./blocks.repository";
import * as follows from "./follows.repository";
import * as mutes from "./mutes.repository";
import * as people from "./people.repository";
import { type Graph, raiseMany } from "./under-lock";

const PAGE = 200;

/** Removes all that stands between a deleted account and others. May be repeated, and must be for what raced with it. */
export async function deleteAccount(graph: Graph, userId: number): Promise<void> {
  const home = graph.sql.at(userId);
  await home.transaction(async (tx) => {
    await people.lockMany(tx, [userId]);
    await people.bury(tx, userId);
    await blocks.removeAllOf(tx, userId);
    await mutes.removeAllOf(tx, userId);
  });
  await untilNothing(() => endFollowing(graph, home, userId));
  // Scatters: an edge, a mute and a block lie with whoever made them.
  for (const shard of graph.sql.shards) {
    await untilNothing(() => endFollowers(graph, shard, userId));
    await untilNothing(() => forget(graph, shard, userId, mutes));
    await untilNothing(() => forget(graph, shard, userId, blocks));
  }
}

/** Runs pages until one finds nothing. */
async function untilNothing(page: () => Promise<number>): Promise<void> {
  while ((await page()) > 0);
}

async function endFollowing(graph: Graph, home: Shard, userId: number): Promise<number> {
  const [count, raiseCached] = await home.transaction(async (tx) => {
    await people.lockMany(tx, [userId]);
    const removed = await follows.removeSome(tx, userId, PAGE);
    const changes = removed.map(({ following_id, status }) => ({
      user_id: userId,
      other_id: following_id,
      delta: status === "accepted" ? -1 : 0,
    }));
    const raised = await raiseMany(graph, tx, changes);
    const ended = removed.filter(({ status }) => status === "accepted");
    const edges = ended.map(({ following_id }) => ({ follower_id: userId, following_id }));
    await graph.publishMany(tx, "follow.removed", edges);
    return [removed.length, raised] as const;
  });
  await raiseCached();
  return count;
}

async function endFollowers(graph: Graph, shard: Shard, userId: number): Promise<number> {
  const followers = await follows.someFollowersOn(shard, userId, PAGE);
  if (followers.length === 0) return 0;
  const raiseCached = await shard.transaction(async (tx) => {
    await people.lockMany(tx, followers);
    const removed = await follows.removeFollowers(tx, userId, followers);
    const changes = removed.map(({ follower_id, status }) => ({
      user_id: follower_id,
      other_id: userId,
      delta: status === "accepted" ? -1 : 0,
    }));
    const raised = await raiseMany(graph, tx, changes);
    const ended = removed.filter(({ status }) => status === "accepted");
    const edges = ended.map(({ follower_id }) => ({ follower_id, following_id: userId }));
    await graph.publishMany(tx, "follow.removed", edges);
    return raised;
  });
  await raiseCached();
  return followers.length;
}

/** Removes the rows of others that name the account. */
async function forget(graph: Graph, shard: Shard, userId: number, rows: typeof mutes | typeof blocks): Promise<number> {
  const owners = await rows.ownersNaming(shard, userId, PAGE);
  if (owners.length === 0) return 0;
  const raiseCached = await shard.transaction(async (tx) => {
    await people.lockMany(tx, owners);
    await rows.removeNaming(tx, userId, owners);
    return raiseMany(
      graph,
      tx,
      owners.map((user_id) => ({ user_id, other_id: userId, delta: 0 })),
    );
  });
  await raiseCached();
  return owners.length;
}
