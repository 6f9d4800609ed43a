import { BadCursorError } from "./errors";

/** The parts of a list position, in the order of the list's sort key. */
export type CursorParts = readonly (string | number)[];

/** An opaque position in a list. Never an offset: what is inserted or removed before it moves nothing. */
export function encodeCursor(parts: CursorParts): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws {BadCursorError} for anything that `encodeCursor` did not make with parts of these types. */
export function decodeCursor<const T extends readonly ("string" | "number")[]>(
  cursor: string,
  types: T,
): { [K in keyof T]: T[K] extends "string" ? string : number } {
  const parts = parse(cursor);
  const fits =
    Array.isArray(parts) && parts.length === types.length && parts.every((part, i) => typeof part === types[i]);
  if (!fits) throw new BadCursorError();
  return parts as unknown as { [K in keyof T]: T[K] extends "string" ? string : number };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** One page: what the list holds up to `limit`, and where to go on. `rows` was asked for with `limit + 1`. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => CursorParts,
  present: (row: Row) => Item,
): { items: Item[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next_cursor = rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null;
  return { items: shown.map(present), next_cursor };
}
