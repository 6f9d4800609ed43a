import type { Viewer } from "../../lib/contract";
import type { Meta, TypedContext } from "../define-service";
import * as blocks from "./blocks.repository";
import { acceptEdge, addEdge, removeEdge } from "./change-edges";
import * as follows from "./follows.repository";
import type { FollowStatus } from "./graph.contract";
import { RequestNotFoundError, SelfFollowError, UserNotFoundError } from "./graph.errors";
import { requireVisible } from "./see-accounts";
import { type Graph, underLock } from "./under-lock";

type Asking = TypedContext<{ user_id: number }, Meta & { viewer: Viewer }>;

export async function follow(graph: Graph, ctx: Asking): Promise<FollowStatus> {
  const { user_id: followingId } = ctx.params;
  if (followingId === ctx.meta.viewer.id) throw new SelfFollowError();
  const { profile } = await requireVisible(graph, ctx, followingId);
  const status = await underLock(graph, ctx.meta.viewer.id, async (viewer) => {
    // A block must look like a missing account, or it gives itself away.
    const blocked = await blocks.between(viewer.tx, viewer.user_id, followingId);
    if (blocked.size > 0) throw new UserNotFoundError();
    return addEdge(graph, viewer, followingId, profile.is_private ? "pending" : "accepted");
  });
  if (status === undefined) throw new UserNotFoundError();
  return status;
}

export async function unfollow(graph: Graph, ctx: Asking): Promise<void> {
  const { user_id: followingId } = ctx.params;
  if (followingId === ctx.meta.viewer.id) throw new SelfFollowError();
  const hasEnded = await underLock(graph, ctx.meta.viewer.id, (viewer) => removeEdge(graph, viewer, followingId));
  if (hasEnded !== true) await requireVisible(graph, ctx, followingId);
}

export async function removeFollower(graph: Graph, ctx: Asking): Promise<void> {
  const { user_id: followerId } = ctx.params;
  const hasEnded = await ofFollower(graph, ctx, (follower) =>
    removeEdge(graph, follower, ctx.meta.viewer.id, ["accepted"]),
  );
  if (hasEnded !== true) await requireVisible(graph, ctx, followerId);
}

/** A repeat finds the follow accepted, which is as good. */
export async function acceptRequest(graph: Graph, ctx: Asking): Promise<void> {
  const isAccepted = await ofFollower(graph, ctx, async (follower) => {
    if (await acceptEdge(graph, follower, ctx.meta.viewer.id)) return true;
    const edge = { follower_id: follower.user_id, following_id: ctx.meta.viewer.id };
    return (await follows.statusOf(follower.tx, edge)) === "accepted";
  });
  if (isAccepted !== true) throw new RequestNotFoundError();
}

export async function rejectRequest(graph: Graph, ctx: Asking): Promise<void> {
  const isRejected = await ofFollower(graph, ctx, (follower) =>
    removeEdge(graph, follower, ctx.meta.viewer.id, ["pending"]),
  );
  if (isRejected !== true) throw new RequestNotFoundError();
}

/** Works under the lock of somebody who has an edge to the viewer; others, who may not exist, get no row of their own. */
async function ofFollower(
  graph: Graph,
  ctx: Asking,
  work: Parameters<typeof underLock<boolean>>[2],
): Promise<boolean | undefined> {
  const edge = { follower_id: ctx.params.user_id, following_id: ctx.meta.viewer.id };
  if ((await follows.statusOf(graph.sql.at(edge.follower_id), edge)) === undefined) return undefined;
  return underLock(graph, edge.follower_id, work);
}
