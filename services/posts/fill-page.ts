import { type CursorParts, encodeCursor } from "../../lib/cursor";
import type { Page } from "../../lib/fields";
import { type Position, positionAt } from "./positions";

/** How often a page that filtering made short is filled up: who hides much costs no more than so many queries. */
const MAX_ROUNDS = 5;

interface List<Row, Item> {
  /** The next so many rows after a position. */
  load: (after: Position | undefined, limit: number) => Promise<Row[]>;
  /** Each row as an item, or undefined where the viewer may not see it. */
  present: (rows: Row[]) => Promise<(Item | undefined)[]>;
  positionOf: (row: Row) => CursorParts;
}

/** A page of what may be seen. Short or even empty, it still has a cursor while there is more. */
export async function fillPage<Row, Item>(
  asked: { limit: number; cursor?: string | undefined },
  list: List<Row, Item>,
): Promise<Page<Item>> {
  const items: Item[] = [];
  let cursor = asked.cursor;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const loaded = await list.load(positionAt(cursor), asked.limit + 1);
    const rows = loaded.slice(0, asked.limit);
    const presented = await list.present(rows);
    for (const [i, row] of rows.entries()) {
      const item = presented[i];
      if (item !== undefined) items.push(item);
      cursor = encodeCursor(list.positionOf(row));
      if (items.length === asked.limit) return { items, next_cursor: i + 1 < loaded.length ? cursor : null };
    }
    if (loaded.length <= asked.limit) return { items, next_cursor: null };
  }
  return { items, next_cursor: cursor ?? null };
}
