/** What `pg_current_snapshot()::text` gives: which transactions a statement saw. */
const FORM = /^\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19})*)?$/;

/** Whether PostgreSQL takes this for a snapshot: one that a client brings back may be anything. */
export function isSnapshot(text: string): boolean {
  if (!FORM.test(text)) return false;
  const [xmin = "", xmax = "", running = ""] = text.split(":");
  const [first, end] = [BigInt(xmin), BigInt(xmax)];
  if (first < 1n || end < first || end > 2n ** 62n) return false;
  const ids = running === "" ? [] : running.split(",").map(BigInt);
  return ids.every((id, i) => id >= first && id < end && id > (ids[i - 1] ?? 0n));
}

/**
 * SQL that is true where a row's inserting transaction had committed before this snapshot was taken, false where there is no
 * snapshot. `xmin` holds the low 32 bits of its id alone: of all that end so the one nearest to the snapshot, which is right for
 * two thousand million transactions to either side. Not for rows that were written inside a savepoint.
 */
export function isSeenIn(snapshot: string, table: string): string {
  const end = `pg_snapshot_xmax(${snapshot})::text::bigint`;
  const distance = `((${table}.xmin::text::bigint - ${end} + 2147483648) & 4294967295) - 2147483648`;
  return `coalesce(pg_visible_in_snapshot(greatest(1, ${end} + ${distance})::text::xid8, ${snapshot}), false)`;
}
