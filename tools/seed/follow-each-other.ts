import type { StartedServices } from "../start-services";
import { progress } from "../progress";

const EDGES_AT_ONCE = 500;
const CALLS_AT_ONCE = 4;

/** Stores each pair as two accepted follows; answers how many of them are new. */
export async function followEachOther(
  { call }: StartedServices,
  ids: readonly number[],
  pairs: readonly (readonly [number, number])[],
): Promise<number> {
  const edges = pairs
    .flatMap(([a, b]) => [
      { follower_id: ids[a]!, following_id: ids[b]! },
      { follower_id: ids[b]!, following_id: ids[a]! },
    ])
    // One follower's edges together: then calls at once wait for each other's rows at their borders only.
    .sort((a, b) => a.follower_id - b.follower_id);
  const shown = progress("Follows", edges.length);
  let newCount = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < edges.length) {
      const some = edges.slice(next, (next += EDGES_AT_ONCE));
      const { new_count } = await call("graph.followMany", { edges: some }, { timeout: 60_000 });
      newCount += new_count;
      shown.advance(some.length);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, work));
  shown.end();
  return newCount;
}
