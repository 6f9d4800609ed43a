import type { Viewer } from "../../lib/contract";
import type { ResultOf } from "../contracts";
import type { Meta, TypedContext } from "../define-service";
import * as lists from "./follow-lists.repository";
import { UserNotFoundError } from "./graph.errors";
import { seeAccounts } from "./see-accounts";
import type { Graph } from "./under-lock";

type Asking = TypedContext<{ user_id: number }, Meta & { viewer: Viewer }>;

/** All that stands between two people. Who blocks sees it, and can end it; who is blocked sees no account. */
export async function relationship(graph: Graph, ctx: Asking): Promise<ResultOf<"graph.relationship">> {
  const { user_id } = ctx.params;
  const [accounts, followers] = await Promise.all([
    seeAccounts(graph, ctx, [user_id]),
    lists.thoseWhoFollow(graph.sql, ctx.meta.viewer.id, [user_id]),
  ]);
  const seen = accounts.get(user_id);
  if (seen === undefined || (seen.visibility === "none" && !seen.relation.is_blocking)) throw new UserNotFoundError();
  const { is_following, is_requested, is_blocking, is_muted } = seen.relation;
  const is_followed_by = followers.has(user_id);
  return {
    user_id,
    is_following,
    is_followed_by,
    is_mutual: is_following && is_followed_by,
    is_requested,
    is_blocking,
    is_muting: is_muted,
  };
}
