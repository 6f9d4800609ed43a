import { z } from "zod";

/** Fields that several contracts spell the same. Ids and times: docs/architecture.md, "Ids and times". */
export const userId = z.number().int().positive().max(Number.MAX_SAFE_INTEGER);
export const objectId = z.string().regex(/^[0-9a-f]{24}$/, "must be 24 lower-case hex digits");
/** ISO 8601, UTC, milliseconds. */
export const timestamp = z.iso.datetime({ precision: 3 });
export const count = z.number().int().nonnegative();

/** One page of a list: every list takes these and answers `page(item)`. */
export const paging = {
  limit: z.number().int().min(1).max(100).default(20),
  cursor: z.string().max(512).optional(),
};

export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** For an action that has nothing to tell but that it is done. */
export const done = z.object({});

export type Page<Item> = { items: Item[]; next_cursor: string | null };
