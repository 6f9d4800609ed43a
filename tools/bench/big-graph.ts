import type { Database } from "../../mixins/postgres";
import { newUserId } from "../../lib/ids";
import { progress } from "../progress";
import { seededRandom } from "../seed/random";
import { addFollows, addPeople } from "./people.repository";
import type { FollowGraph } from "./power-law";

const YEAR_MS = 365 * 24 * 3600 * 1000;

/**
 * Stores a graph, its follows made in no order over the last year; answers the ids of its people. Those in `known`, by position, have
 * accounts already.
 */
export async function storeGraph(
  db: Database,
  { people, edges }: FollowGraph,
  known: ReadonlyMap<number, number> = new Map(),
): Promise<number[]> {
  const ids = Array.from({ length: people }, (_, position) => known.get(position) ?? newUserId());
  const random = seededRandom(people);
  const now = Date.now();
  const shown = progress("Follows", edges.length);
  await addPeople(
    db,
    ids.filter((_, position) => !known.has(position)),
  );
  const dated = edges.map(([follower, following]) => ({
    follower_id: ids[follower]!,
    following_id: ids[following]!,
    created_at: new Date(now - Math.floor(random() * YEAR_MS)),
  }));
  await addFollows(db, dated, (count) => shown.advance(count));
  shown.end();
  return ids;
}
