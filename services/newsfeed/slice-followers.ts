/** Followers in one page of a fan-out: smaller ones lose up to a third of the speed. */
export const PAGE = 5_000;

/** Ids of users are random numbers below this: equal parts of it hold about equally many followers of anybody. */
const ALL_IDS = 2 ** 52;

/** Ids above one and up to another. */
export interface Slice {
  after: number;
  upto: number;
}

/** As many slices of all ids as there are pages of followers, at least one: they lie in the slices whatever their number was. */
export function slicesFor(followers: number, page = PAGE): Slice[] {
  const slices = Math.max(1, Math.ceil(followers / page));
  const bound = (i: number): number => Math.floor((ALL_IDS / slices) * i);
  return Array.from({ length: slices }, (_, i) => ({
    after: bound(i),
    upto: i === slices - 1 ? Number.MAX_SAFE_INTEGER : bound(i + 1),
  }));
}
