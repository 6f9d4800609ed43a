import { decodeCursor } from "../../lib/cursor";
import { BadCursorError } from "../../lib/errors";
import type { Page } from "../../lib/fields";
import { type Face, faceOf } from "../auth/auth.contract";
import type { TypedContext } from "../define-service";
import { fillPage, type PageSource } from "./fill-page";
import type { Dated, ReadNewest } from "./follow-lists.repository";
import { type Seen, seeAccounts } from "./see-accounts";
import type { Graph } from "./under-lock";

export interface Paging {
  limit: number;
  cursor?: string | undefined;
}

type Asking = Pick<TypedContext<Paging>, "call" | "meta" | "params">;

/** A page of a list that is newest first, of what the viewer may see. */
export function listNewest<Item>(
  graph: Graph,
  ctx: Asking,
  read: ReadNewest,
  present: (seen: Seen, row: Dated) => Item | undefined,
  batch?: number,
): Promise<Page<Item>> {
  const source: PageSource<Dated, Item> = {
    limit: ctx.params.limit,
    read,
    positionOf: ({ created_at, user_id }) => [created_at, user_id],
    async present(rows) {
      const accounts = await seeAccounts(graph, ctx, idsOf(rows));
      return rows.map((row) => {
        const seen = accounts.get(row.user_id);
        return seen === undefined ? undefined : present(seen, row);
      });
    },
    ...(batch === undefined ? {} : { batch }),
  };
  return fillPage(source, positionFrom(ctx.params.cursor));
}

/** A page of faces, less those of whom the viewer may not know. */
export function listFaces(graph: Graph, ctx: Asking, read: ReadNewest): Promise<Page<Face>> {
  return listNewest(graph, ctx, read, visibleFace);
}

export function visibleFace({ profile, visibility }: Seen): Face | undefined {
  return visibility === "none" ? undefined : faceOf(profile);
}

export function idsOf(rows: readonly { user_id: number }[]): number[] {
  return rows.map(({ user_id }) => user_id);
}

/** @throws {BadCursorError} */
export function positionFrom(cursor: string | undefined): Dated | undefined {
  if (cursor === undefined) return undefined;
  const [created_at, user_id] = decodeCursor(cursor, ["string", "number"]);
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(created_at) && !Number.isNaN(Date.parse(created_at));
  if (!isTime || !Number.isSafeInteger(user_id)) throw new BadCursorError();
  return { created_at, user_id };
}
