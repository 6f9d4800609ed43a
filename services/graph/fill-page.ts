import { type CursorParts, encodeCursor } from "../../lib/cursor";
import type { Page } from "../../lib/fields";

/** How often a page that filtering made short is refilled. */
const ROUNDS = 5;

export interface PageSource<Row, Item> {
  limit: number;
  /** Rows read at once, where most of them are expected to be left out. */
  batch?: number;
  /** Rows that come after this one; of the whole list when undefined. */
  read(after: Row | undefined, limit: number): Promise<Row[]> | Row[];
  /** Items in the order of the rows; undefined leaves a row out. */
  present(rows: readonly Row[]): Promise<(Item | undefined)[]>;
  positionOf(row: Row): CursorParts;
}

/** A page of what `present` leaves in, from `start`. The cursor never vanishes while more exists, however short the page. */
export async function fillPage<Row, Item>(source: PageSource<Row, Item>, start: Row | undefined): Promise<Page<Item>> {
  const items: Item[] = [];
  let last = start;
  for (let round = 0; round < ROUNDS; round += 1) {
    const size = Math.max(source.batch ?? 0, source.limit - items.length);
    const rows = await source.read(last, size + 1);
    const taken = rows.slice(0, size);
    const presented = await source.present(taken);
    for (const [i, row] of taken.entries()) {
      if (items.length === source.limit) {
        const hasMore = rows.length > size || presented.slice(i).some((item) => item !== undefined);
        return { items, next_cursor: hasMore ? cursorAt(source, last) : null };
      }
      const item = presented[i];
      if (item !== undefined) items.push(item);
      last = row;
    }
    if (rows.length <= size) return { items, next_cursor: null };
    if (items.length === source.limit) break;
  }
  return { items, next_cursor: cursorAt(source, last) };
}

function cursorAt<Row, Item>(source: PageSource<Row, Item>, row: Row | undefined): string | null {
  return row === undefined ? null : encodeCursor(source.positionOf(row));
}
