import type { Viewer } from "../../lib/contract";
import type { Meta, TypedContext } from "../define-service";
import * as blocks from "./blocks.repository";
import { removeEdge } from "./change-edges";
import { SelfBlockError, UserNotFoundError } from "./graph.errors";
import { requireVisible, seeAccounts } from "./see-accounts";
import { type Graph, underLock } from "./under-lock";

type Asking = TypedContext<{ user_id: number }, Meta & { viewer: Viewer }>;

/** Stores the block with its event under the viewer's key, then what it does under the other's, before the answer. */
export async function block(graph: Graph, ctx: Asking): Promise<void> {
  const { user_id: blockedId } = ctx.params;
  const viewerId = ctx.meta.viewer.id;
  if (blockedId === viewerId) throw new SelfBlockError();
  const seen = (await seeAccounts(graph, ctx, [blockedId])).get(blockedId);
  if (seen === undefined || (seen.visibility === "none" && !seen.relation.is_blocking)) throw new UserNotFoundError();
  const isDone = await underLock(graph, viewerId, async (viewer) => {
    if (await blocks.insert(viewer.tx, viewerId, blockedId, "blocking")) {
      await viewer.raise(blockedId);
      await graph.publish(viewer.tx, "block.created", { user_id: viewerId, blocked_id: blockedId });
    }
    await removeEdge(graph, viewer, blockedId);
    return true;
  });
  if (isDone === undefined) throw new UserNotFoundError();
  await mirrorBlock(graph, viewerId, blockedId);
}

export async function unblock(graph: Graph, ctx: Asking): Promise<void> {
  const { user_id: blockedId } = ctx.params;
  const viewerId = ctx.meta.viewer.id;
  if (blockedId === viewerId) throw new SelfBlockError();
  const hasEnded = await underLock(graph, viewerId, async (viewer) => {
    viewer.concerns(blockedId);
    if (!(await blocks.remove(viewer.tx, viewerId, blockedId, "blocking"))) return false;
    await viewer.raise(blockedId);
    await graph.publish(viewer.tx, "block.removed", { user_id: viewerId, blocked_id: blockedId });
    return true;
  });
  if (hasEnded === true) await mirrorBlock(graph, viewerId, blockedId);
  else await requireVisible(graph, ctx, blockedId);
}

/**
 * Makes what stands under the blocked one's key say what the blocker's own row says, and ends the follow of the blocked one.
 * The row is read under the blocked one's lock: read before, a late repeat would undo for a moment what a newer block did.
 */
export async function mirrorBlock(graph: Graph, blockerId: number, blockedId: number): Promise<void> {
  await underLock(graph, blockedId, async (blocked) => {
    // On one shard by the connection that is held anyway, lest everybody hold one and wait for a second.
    const isOneShard = graph.sql.at(blockerId) === graph.sql.at(blockedId);
    const sql = isOneShard ? blocked.tx : graph.sql.at(blockerId).aside;
    const isBlocking = (await blocks.between(sql, blockerId, blockedId)).has("blocking");
    const hasChanged = isBlocking
      ? await blocks.insert(blocked.tx, blockedId, blockerId, "blocked_by")
      : await blocks.remove(blocked.tx, blockedId, blockerId, "blocked_by");
    blocked.concerns(blockerId);
    if (hasChanged) await blocked.raise(blockerId);
    if (isBlocking) await removeEdge(graph, blocked, blockerId);
  });
}
