import { databaseOf } from "../../mixins/postgres";
import { startServices } from "../start-services";
import { alternate, ROUNDS, type Sample } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { storeGraph } from "./big-graph";
import type { Lab } from "./lab";
import { type FollowGraph, powerLawGraph } from "./power-law";
import { serverWork } from "./server-work";
import { suggestPlainly } from "./suggestions.repository";

const EDGES = 1_000_000;
const SEED = 5;
const PAGE = 20;
/** Of each kind in each round, never the same twice: what was cached of the last one helps the next one no more than in life. */
const VIEWERS = 25;
/** How many somebody follows, about. */
const SIZES = [10, 30, 100, 300, 1_000];

interface Scene {
  /** People by how many they follow, the fewest first. */
  ids: number[];
  following: number[];
  /** Server work of a page for each of these people, in ms. */
  suggest: (viewers: readonly number[]) => Promise<number>;
  suggestPlainly: (viewers: readonly number[]) => Promise<number>;
}

export const suggestions: Benchmark = {
  names: ["suggestions_ms", "suggestions_heaviest_ms"],
  about: `Server work of a page of ${PAGE} suggestions among ${EDGES} follows: of people drawn from all, and of those who follow most; to the plain query alone that asks every friend.`,
  async run(lab) {
    const graph = powerLawGraph(EDGES, SEED);
    const one = await suggestionScene(lab, graph, "postgres");
    const two = await suggestionScene(lab, graph, "shards");
    const typical = (round: number): number[] => spread(one.ids, VIEWERS, round);
    const heaviest = (round: number): number[] =>
      one.ids.slice(-VIEWERS * (ROUNDS + 1)).filter((_, i) => i % (ROUNDS + 1) === round + 1);
    const ask = async (round: number, page: Scene["suggest"]): Promise<Sample> => ({
      typical: await page(typical(round)),
      heaviest: await page(heaviest(round)),
    });
    const measured = await alternate("suggestions_ms", {
      ours: (round) => ask(round, one.suggest),
      reference: (round) => ask(round, one.suggestPlainly),
    });
    return {
      rows: [
        rowOf("suggestions_ms", "ms", measured["typical"]!, "value <= 20"),
        rowOf("suggestions_heaviest_ms", "ms", measured["heaviest"]!, "value <= 20"),
      ],
      sweeps: [
        {
          ...{ name: "suggestions", title: "Suggestions among a million follows", kind: "lines" },
          x: { label: "accounts that the viewer follows", cases: SIZES },
          y: { label: "server work of a page", unit: "ms" },
          series: [
            { label: "one database", values: await bySize(one, one.suggest) },
            { label: "two shards", values: await bySize(two, two.suggest) },
            { label: "plain query", values: await bySize(one, one.suggestPlainly) },
          ],
        },
      ],
    };
  },
};

async function suggestionScene(lab: Lab, graph: FollowGraph, server: "postgres" | "shards"): Promise<Scene> {
  const config = lab.config(await lab.folder(), await lab.urls(server));
  const { broker, call, stop } = await startServices(config, ["auth", "graph"], { holdsFolder: true });
  lab.onEnd(stop);
  const db = await databaseOf(broker);
  const ids = await storeGraph(db, graph);
  const following = new Map<number, number>();
  for (const [follower] of graph.edges) following.set(follower, (following.get(follower) ?? 0) + 1);
  const people = [...following].sort(([, a], [, b]) => a - b);
  const { pids } = await lab.server(server);
  const page = (ask: (viewerId: number) => Promise<number>) => (viewers: readonly number[]) =>
    eachMs(pids, viewers, ask);
  return {
    ids: people.map(([person]) => ids[person]!),
    following: people.map(([, count]) => count),
    suggest: page(async (id) => {
      const meta = { viewer: { id, role: "user" as const } };
      return (await call("graph.suggestions", { limit: PAGE }, { meta })).items.length;
    }),
    suggestPlainly: page((id) => suggestPlainly(db.at(id), id, PAGE)),
  };
}

/** One after the other, so that nobody waits for another's. */
async function eachMs(
  pids: readonly number[],
  viewers: readonly number[],
  ask: (viewerId: number) => Promise<number>,
): Promise<number> {
  const total = await serverWork(pids, async () => {
    for (const id of viewers) if ((await ask(id)) < PAGE) throw new Error(`${id} was not told of ${PAGE} people.`);
  });
  return total / viewers.length;
}

/** For each size, of those who come closest to it. */
async function bySize({ ids, following }: Scene, page: Scene["suggest"]): Promise<number[]> {
  const values: number[] = [];
  for (const size of SIZES) {
    const first = following.findIndex((count) => count >= size);
    const from = Math.min(first < 0 ? ids.length : first, ids.length - VIEWERS);
    values.push(await page(ids.slice(from, from + VIEWERS)));
  }
  return values;
}

/** So many of them at even distances, others with each round. */
function spread(ids: readonly number[], count: number, round: number): number[] {
  const step = Math.floor(ids.length / count);
  return Array.from({ length: count }, (_, i) => ids[i * step + round + 1]!);
}
