import { byNewest, type TimelinePosition } from "../../mixins/redis";

interface Head<Entry> {
  list: readonly Entry[];
  at: number;
  entry: Entry;
}

/** The newest of several lists, each newest first: exact, k-way, a post that stands in several of them once. */
export function mergeNewest<Entry extends TimelinePosition>(
  lists: readonly (readonly Entry[])[],
  limit: number,
): Entry[] {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length === 1 && filled[0]) return filled[0].slice(0, limit);
  const heap: Head<Entry>[] = [];
  for (const list of filled) {
    const entry = list[0];
    if (entry !== undefined) heap.push({ list, at: 0, entry });
  }
  for (let i = (heap.length >> 1) - 1; i >= 0; i -= 1) sink(heap, i);

  const merged: Entry[] = [];
  while (merged.length < limit) {
    const head = heap[0];
    if (head === undefined) break;
    if (merged.at(-1)?.post_id !== head.entry.post_id) merged.push(head.entry);
    const next = head.list[(head.at += 1)];
    if (next !== undefined) head.entry = next;
    else {
      const last = heap.pop();
      if (last !== undefined && last !== head) heap[0] = last;
    }
    sink(heap, 0);
  }
  return merged;
}

/** Moves a head down the binary heap to where nothing newer is beneath it. */
function sink<Entry extends TimelinePosition>(heap: Head<Entry>[], from: number): void {
  for (let i = from; ;) {
    const here = heap[i];
    if (here === undefined) return;
    let newest = i;
    for (const child of [2 * i + 1, 2 * i + 2]) {
      const other = heap[child];
      const best = heap[newest];
      if (other !== undefined && best !== undefined && byNewest(other.entry, best.entry) < 0) newest = child;
    }
    const moved = heap[newest];
    if (newest === i || moved === undefined) return;
    heap[i] = moved;
    heap[newest] = here;
    i = newest;
  }
}
