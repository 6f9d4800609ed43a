import type { Viewer } from "../../lib/contract";
import type { Meta, TypedContext } from "../define-service";
import { SelfMuteError, UserNotFoundError } from "./graph.errors";
import * as mutes from "./mutes.repository";
import { requireVisible } from "./see-accounts";
import { type Graph, underLock } from "./under-lock";

type Asking = TypedContext<{ user_id: number }, Meta & { viewer: Viewer }>;

export async function mute(graph: Graph, ctx: Asking): Promise<void> {
  const { user_id: mutedId } = ctx.params;
  if (mutedId === ctx.meta.viewer.id) throw new SelfMuteError();
  await requireVisible(graph, ctx, mutedId);
  const isDone = await underLock(graph, ctx.meta.viewer.id, async (viewer) => {
    viewer.concerns(mutedId);
    if (await mutes.insert(viewer.tx, viewer.user_id, mutedId)) await viewer.raise(mutedId);
    return true;
  });
  if (isDone === undefined) throw new UserNotFoundError();
}

export async function unmute(graph: Graph, ctx: Asking): Promise<void> {
  const { user_id: mutedId } = ctx.params;
  if (mutedId === ctx.meta.viewer.id) throw new SelfMuteError();
  const hasEnded = await underLock(graph, ctx.meta.viewer.id, async (viewer) => {
    viewer.concerns(mutedId);
    if (!(await mutes.remove(viewer.tx, viewer.user_id, mutedId))) return false;
    await viewer.raise(mutedId);
    return true;
  });
  if (hasEnded !== true) await requireVisible(graph, ctx, mutedId);
}
