import type { Viewer } from "../../lib/contract";
import { relationKey } from "../../mixins/redis/relations";
import type { Profile } from "../auth/auth.contract";
import type { TypedContext } from "../define-service";
import type { Visibility } from "./graph.contract";
import { PrivateAccountError, UserNotFoundError } from "./graph.errors";
import { noRelation, read, type Relation } from "./relations.repository";
import type { Graph } from "./under-lock";

/** An account as one viewer may see it. */
export interface Seen {
  profile: Profile;
  relation: Relation;
  visibility: Visibility;
}

type Asking = Pick<TypedContext, "call" | "meta">;

/** The accounts of these ids that exist, each with what the viewer may see of it. */
export async function seeAccounts(graph: Graph, ctx: Asking, userIds: readonly number[]): Promise<Map<number, Seen>> {
  const ids = [...new Set(userIds)];
  if (ids.length === 0) return new Map();
  const { viewer } = ctx.meta;
  const [{ users }, relations] = await Promise.all([
    ctx.call("auth.getMany", { user_ids: ids }),
    relationsTo(graph, viewer, ids),
  ]);
  return new Map(users.map((profile) => [profile.id, see(viewer, profile, relations.get(profile.id) ?? noRelation)]));
}

/** The one rule for who may see whom. */
function see(viewer: Viewer | undefined, profile: Profile, relation: Relation): Seen {
  if (profile.id === viewer?.id) return { profile, relation, visibility: "full" };
  const isGone = profile.is_suspended || relation.is_blocking || relation.is_blocked_by;
  const isOpen = !profile.is_private || relation.is_following;
  return { profile, relation, visibility: isGone ? "none" : isOpen ? "full" : "private" };
}

async function relationsTo(graph: Graph, viewer: Viewer | undefined, ids: readonly number[]) {
  const known = new Map<number, Relation>();
  if (viewer === undefined) return known;
  const cached = await graph.relations.getMany(ids.map((id) => relationKey(viewer.id, id)));
  ids.forEach((id, i) => {
    const relation = cached[i];
    if (relation !== undefined) known.set(id, relation);
  });
  const missing = ids.filter((id) => !known.has(id));
  if (missing.length === 0) return known;
  const { following_version, relations } = await read(graph.sql, viewer.id, missing);
  await Promise.all(
    missing.map((id, i) => {
      const relation = relations[i] ?? noRelation;
      known.set(id, relation);
      return graph.relations.fill(relationKey(viewer.id, id), following_version, relation);
    }),
  );
  return known;
}

/** Every one of these ids, in the order asked, as `visible` answers it: of what is gone, just that it is. */
export async function visibleUsers(graph: Graph, ctx: Asking, userIds: readonly number[]) {
  const accounts = await seeAccounts(graph, ctx, userIds);
  return userIds.map((user_id) => {
    const seen = accounts.get(user_id);
    return {
      user_id,
      visibility: seen?.visibility ?? ("none" as const),
      is_following: seen?.relation.is_following ?? false,
      is_muted: seen?.relation.is_muted ?? false,
      is_private: seen?.profile.is_private ?? false,
    };
  });
}

/** @throws {UserNotFoundError} also for an account that the viewer may not know of. */
export async function requireVisible(graph: Graph, ctx: Asking, userId: number): Promise<Seen> {
  const seen = (await seeAccounts(graph, ctx, [userId])).get(userId);
  if (seen === undefined || seen.visibility === "none") throw new UserNotFoundError();
  return seen;
}

/** @throws {PrivateAccountError} where the viewer sees no more than the name. */
export async function requireOpen(graph: Graph, ctx: Asking, userId: number): Promise<void> {
  const { visibility } = await requireVisible(graph, ctx, userId);
  if (visibility === "private") throw new PrivateAccountError();
}
