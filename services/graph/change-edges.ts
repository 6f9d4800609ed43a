import type { Edge, EdgeStatus } from "./follows.repository";
import * as follows from "./follows.repository";
import type { Graph, LockedPerson } from "./under-lock";

/** Stores an edge of the locked follower with its counter, version and event. What stands stays, save a request that needs no asking any more. */
export async function addEdge(
  graph: Graph,
  follower: LockedPerson,
  followingId: number,
  wanted: EdgeStatus,
): Promise<EdgeStatus> {
  const edge = edgeOf(follower, followingId);
  follower.concerns(followingId);
  const stored = await follows.insert(follower.tx, edge, wanted);
  if (!stored.is_new) {
    if (stored.status === "pending" && wanted === "accepted") await acceptEdge(graph, follower, followingId);
    return wanted === "accepted" ? "accepted" : stored.status;
  }
  await follower.raise(followingId, wanted === "accepted" ? 1 : 0);
  await graph.publish(follower.tx, wanted === "accepted" ? "follow.accepted" : "follow.requested", edge);
  return wanted;
}

/** Makes a request of the locked follower an accepted follow. True when it was a request until now. */
export async function acceptEdge(graph: Graph, follower: LockedPerson, followingId: number): Promise<boolean> {
  const edge = edgeOf(follower, followingId);
  follower.concerns(followingId);
  if (!(await follows.accept(follower.tx, edge))) return false;
  await follower.raise(followingId, 1);
  await graph.publish(follower.tx, "follow.accepted", edge);
  return true;
}

/** Ends what the locked follower has with an account, where it is of these states. True when something stood until now. */
export async function removeEdge(
  graph: Graph,
  follower: LockedPerson,
  followingId: number,
  having: readonly EdgeStatus[] = ["accepted", "pending"],
): Promise<boolean> {
  const edge = edgeOf(follower, followingId);
  follower.concerns(followingId);
  const removed = await follows.remove(follower.tx, edge, having);
  if (removed === undefined) return false;
  await follower.raise(followingId, removed === "accepted" ? -1 : 0);
  if (removed === "accepted") await graph.publish(follower.tx, "follow.removed", edge);
  return true;
}

function edgeOf(follower: LockedPerson, followingId: number): Edge {
  return { follower_id: follower.user_id, following_id: followingId };
}
