import type { State } from "../state";
import { countBy } from "./group-by";
import type { Violation } from "./violation";

/** Promise 4 again: replaying every topic from its beginning changes nothing that anybody is shown, counts or follows. */
export function changes(before: State, after: State): Violation[] {
  const [then, now] = [tablesOf(before), tablesOf(after)];
  return Object.entries(then).flatMap(([table, rows]) => {
    const [had, has] = [countBy(rows, String), countBy(now[table] ?? [], String)];
    const differences = [...new Set([...had.keys(), ...has.keys()])].flatMap((row) => {
      const more = (has.get(row) ?? 0) - (had.get(row) ?? 0);
      return more === 0 ? [] : [`${more < 0 ? "lost" : "gained"} ${row}`];
    });
    return differences.map((what): Violation => ({ promise: 4, what: `a replay: ${table} ${what}`, operations: [] }));
  });
}

/** Rows of feeds are only those that are shown: of one who left, what is hidden or trimmed, a replay brings back, and a sweep takes. */
function tablesOf({ stores, api }: State): Record<string, string[]> {
  const feeds = Object.entries(api.feeds);
  const shown = new Set(feeds.flatMap(([viewer, posts]) => posts.map((post_id) => `${viewer} ${post_id}`)));
  const { feed_items, ...others } = stores;
  const tables: Record<string, readonly object[]> = {
    ...others,
    feed_items: feed_items.filter(({ user_id, post_id }) => shown.has(`${user_id} ${post_id}`)),
    feeds,
    profiles: Object.entries(api.profiles),
  };
  return Object.fromEntries(
    Object.entries(tables).map(([table, rows]) => [table, rows.map((row) => JSON.stringify(row))]),
  );
}
