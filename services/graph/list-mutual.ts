import type { Viewer } from "../../lib/contract";
import type { Page } from "../../lib/fields";
import type { Face } from "../auth/auth.contract";
import type { Meta, TypedContext } from "../define-service";
import { fillPage } from "./fill-page";
import type { Dated } from "./follow-lists.repository";
import * as lists from "./follow-lists.repository";
import { idsOf, type Paging, positionFrom, visibleFace } from "./list-accounts";
import { seeAccounts } from "./see-accounts";
import type { Graph } from "./under-lock";

/** Accounts that the viewer follows, checked at once: few of them follow the other. */
const BATCH = 200;

type Asking = TypedContext<Paging & { user_id: number }, Meta & { viewer: Viewer }>;

/** Whom the viewer follows, less those who do not follow the account too. */
export function listMutual(graph: Graph, ctx: Asking): Promise<Page<Face>> {
  const { user_id, limit, cursor } = ctx.params;
  return fillPage<Dated, Face>(
    {
      limit,
      batch: BATCH,
      read: (before, count) => lists.following(graph.sql, ctx.meta.viewer.id, before, count),
      async present(rows) {
        const mutual = await lists.thoseWhoFollow(graph.sql, user_id, idsOf(rows));
        const accounts = await seeAccounts(graph, ctx, [...mutual]);
        return rows.map((row) => {
          const seen = accounts.get(row.user_id);
          return seen === undefined ? undefined : visibleFace(seen);
        });
      },
      positionOf: ({ created_at, user_id }) => [created_at, user_id],
    },
    positionFrom(cursor),
  );
}

/** Whether two people follow each other. */
export async function isMutual(graph: Graph, one: number, other: number): Promise<boolean> {
  const [there, back] = await Promise.all([
    lists.thoseWhoFollow(graph.sql, other, [one]),
    lists.thoseWhoFollow(graph.sql, one, [other]),
  ]);
  return there.size > 0 && back.size > 0;
}
