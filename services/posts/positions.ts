import { decodeCursor } from "../../lib/cursor";
import { BadCursorError } from "../../lib/errors";
import type { Document, Query } from "../../mixins/documents";

/** Where an entry stands in a list sorted by time, and by id among those of one millisecond. */
export interface Position {
  created_at: Date;
  id: string;
}

type Placed = Document & { created_at: Date };

/** @throws {BadCursorError} */
export function positionAt(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined;
  const [time, id] = decodeCursor(cursor, ["string", "string"]);
  const created_at = new Date(time);
  if (Number.isNaN(created_at.getTime())) throw new BadCursorError();
  return { created_at, id };
}

export function positionOf(doc: Placed): readonly [string, string] {
  return [doc.created_at.toISOString(), doc._id];
}

/** The part of a query that leaves what comes before this position in a list that descends. */
export function olderThan(position: Position | undefined): Query {
  if (position === undefined) return {};
  const { created_at, id } = position;
  // Said twice, so that an index on the time bounds its scan.
  return { created_at: { $lte: created_at }, $or: [{ created_at: { $lt: created_at } }, { _id: { $lt: id } }] };
}

export function newerThan(position: Position | undefined): Query {
  if (position === undefined) return {};
  const { created_at, id } = position;
  return { created_at: { $gte: created_at }, $or: [{ created_at: { $gt: created_at } }, { _id: { $gt: id } }] };
}

export const newestFirst = ["-created_at", "-_id"] as const;
export const oldestFirst = ["created_at", "_id"] as const;

/** Sorts as `newestFirst` does. */
export function byNewest(a: Placed, b: Placed): number {
  return b.created_at.getTime() - a.created_at.getTime() || (a._id < b._id ? 1 : -1);
}
