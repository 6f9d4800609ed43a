import type { Viewer } from "../../lib/contract";
import type { Page } from "../../lib/fields";
import { type Face, faceOf } from "../auth/auth.contract";
import type { Meta, TypedContext } from "../define-service";
import type { Me, PublicProfile } from "./graph.contract";
import { UserNotFoundError } from "./graph.errors";
import type { Paging } from "./list-accounts";
import * as people from "./people.repository";
import { requireVisible, seeAccounts } from "./see-accounts";
import type { Graph } from "./under-lock";

type Asking<Params> = TypedContext<Params, Meta & { viewer: Viewer }>;

/** How often a page of a search is refilled. */
const ROUNDS = 5;

export async function presentMe(graph: Graph, ctx: Asking<object>): Promise<Me> {
  const { id } = ctx.meta.viewer;
  const [{ version: _version, ...account }, counts] = await Promise.all([
    ctx.call("auth.getAccount", {}),
    people.countsOf(graph.sql.at(id), id),
  ]);
  return { ...account, ...counts };
}

/** Of a private account what it shows to all: name, avatar and counts. */
export async function presentProfile(graph: Graph, ctx: Asking<{ username: string }>): Promise<PublicProfile> {
  const { users } = await ctx.call("auth.findByUsernames", { usernames: [ctx.params.username] });
  const id = users[0]?.id;
  if (id === undefined) throw new UserNotFoundError();
  const [{ profile, visibility }, counts] = await Promise.all([
    requireVisible(graph, ctx, id),
    people.countsOf(graph.sql.at(id), id),
  ]);
  const { is_private, created_at, bio, website } = profile;
  const told = visibility === "full" ? { bio, website } : { bio: "", website: "" };
  return { ...faceOf(profile), ...told, is_private, created_at, ...counts };
}

/** A page of auth's search, less whom the viewer may not know of. */
export async function search(graph: Graph, ctx: Asking<Paging & { q: string }>): Promise<Page<Face>> {
  const { q, limit } = ctx.params;
  const items: Face[] = [];
  let cursor = ctx.params.cursor;
  for (let round = 0; round < ROUNDS; round += 1) {
    // Just as many as are missing: the cursor that auth answers is then that of our own page.
    const found = await ctx.call("auth.search", { q, limit: limit - items.length, ...(cursor ? { cursor } : {}) });
    const accounts = await seeAccounts(
      graph,
      ctx,
      found.items.map(({ id }) => id),
    );
    for (const { id } of found.items) {
      const seen = accounts.get(id);
      if (seen !== undefined && seen.visibility !== "none") items.push(faceOf(seen.profile));
    }
    if (found.next_cursor === null) return { items, next_cursor: null };
    cursor = found.next_cursor;
    if (items.length === limit) break;
  }
  return { items, next_cursor: cursor ?? null };
}
