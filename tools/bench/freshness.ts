import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { projectRoot } from "../../lib/project-root";
import { readFriendships } from "../seed/friendships";
import { seededRandom } from "../seed/random";
import { alternate, type Measured, quantile, ROUNDS, type Sample } from "./alternate";
import { type Benchmark, type Figures, rowOf } from "./benchmark";
import { type FreshnessScene, freshnessScene, type Person } from "./freshness-scene";
import { Lab } from "./lab";
import { openLoop } from "./open-loop";
import { type FollowGraph, powerLawGraph } from "./power-law";

const FRIENDSHIPS = join(projectRoot, "..", "shared", "data", "socfb-Reed98.edges");
const EDGES = 1_000_000;
const SEED = 7;

const PER_SECOND = 50;
const REQUESTS = 400;
/** The mix that benchmarks of social networks use. */
const [HOME, PROFILE] = [0.6, 0.3];
const POSTS = Math.ceil(REQUESTS * (1 - HOME - PROFILE) * 1.3);
const DELETE_EVERY_MS = 100;

const LOOK_EVERY_MS = 5;
const VISIBLE_TIMEOUT_MS = 30_000;

export const freshness: Benchmark = {
  names: ["post_to_visible_ms", "post_to_visible_p99_ms", "post_to_visible_1e6_ms", "post_to_visible_1e6_p99_ms"],
  about: `From when a post is due until a follower's feed shows it, p50 and p99, while ${PER_SECOND} requests fall due a second (60 % home feed, 30 % profile, 10 % post), over the friendships of socfb-Reed98 and over a power-law graph of ${EDGES} follows; to when the post is acknowledged.`,
  async run(lab) {
    const many = await inLabOfItsOwn(lab, "post_to_visible_1e6", powerLawGraph(EDGES, SEED));
    if (!existsSync(FRIENDSHIPS)) {
      process.stdout.write(`  NOT MEASURED: post_to_visible_ms and its p99, for ${FRIENDSHIPS} is not there.\n`);
      return many;
    }
    const { people, pairs } = await readFriendships(FRIENDSHIPS);
    const edges = pairs.flatMap(([a, b]): [number, number][] => [
      [a, b],
      [b, a],
    ]);
    const friends = await inLabOfItsOwn(lab, "post_to_visible", { people: people.length, edges });
    return { rows: [...friends.rows, ...many.rows], sweeps: [...friends.sweeps!, ...many.sweeps!] };
  },
};

/** What one graph needed is gone before the next is measured. */
async function inLabOfItsOwn(outer: Lab, name: string, graph: FollowGraph): Promise<Figures> {
  const lab = await Lab.open();
  outer.onEnd(() => lab.end());
  try {
    return await measureOver(lab, name, graph);
  } finally {
    await lab.end();
  }
}

async function measureOver(lab: Lab, name: string, graph: FollowGraph): Promise<Figures> {
  const scene = await freshnessScene(lab, graph, (ROUNDS + 2) * POSTS);
  const posted: Posted[] = [];
  let last: { round: number; times: Times } | undefined;
  // Both sides are of the same posts.
  const once = async (round: number): Promise<Times> => {
    if (last?.round !== round) last = { round, times: await runMix(scene, round, posted) };
    return last.times;
  };
  const measured = await alternate(name, {
    ours: async (round) => percentiles((await once(round)).visible),
    reference: async (round) => percentiles((await once(round)).acknowledged),
  });
  await runMix(scene, ROUNDS, posted, true);
  if (scene.api.refused > 0) process.stdout.write(`  ${scene.api.refused} requests were asked again after a 503.\n`);
  const row = (of: string, measure: Measured) => rowOf(of, "ms", measure);
  const cases = ["p50", "p90", "p99"];
  return {
    rows: [row(`${name}_ms`, measured["p50"]!), row(`${name}_p99_ms`, measured["p99"]!)],
    sweeps: [
      {
        ...{ name, title: `From post to feed at ${PER_SECOND} requests/s, ${graph.edges.length} follows`, kind: "bars" },
        x: { label: "percentile of the posts of a round", cases },
        y: { label: "since the post was due", unit: "ms" },
        series: [
          { label: "visible in a follower's feed", values: cases.map((key) => measured[key]!.value) },
          { label: "acknowledged", values: cases.map((key) => measured[key]!.reference) },
        ],
      },
    ],
  };
}

interface Posted {
  id: string;
  author: Person;
}

/** Each from when it was due, sorted. */
interface Times {
  visible: number[];
  acknowledged: number[];
}

/**
 * One round. With deletions one of the earlier posts is deleted every 100 ms, and no answer to what was asked afterwards may show it.
 * @throws where one does.
 */
async function runMix(scene: FreshnessScene, round: number, posted: Posted[], deletes = false): Promise<Times> {
  const { api, people, authors, uploads } = scene;
  const random = seededRandom(1000 + round);
  const draw = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const times: Times = { visible: [], acknowledged: [] };
  const deleted = new Map<string, number>();
  const read = async (path: string, reader: Person): Promise<void> => {
    const asked = performance.now();
    const text = await api.ask("GET", path, reader.token);
    for (const [id, at] of deleted)
      if (at < asked && text.includes(id)) throw new Error(`${path} shows the post ${id}, which was deleted before.`);
  };
  const post = async (dueAt: number): Promise<void> => {
    const upload = uploads.pop();
    if (upload === undefined) throw new Error("There are more posts to be made than pictures were uploaded.");
    const { author, mediaId } = upload;
    const body = { caption: "A morning by the sea #bench", media_ids: [mediaId] };
    const { id } = JSON.parse(await api.ask("POST", "posts", author.token, body)) as { id: string };
    times.acknowledged.push(performance.now() - dueAt);
    await untilVisible(scene, author.follower, id);
    times.visible.push(performance.now() - dueAt);
    posted.push({ id, author });
  };
  const deleting = deletes ? deleteEvery(scene, posted.splice(0), deleted) : undefined;
  await openLoop(PER_SECOND, REQUESTS, (_, dueAt) => {
    const kind = random();
    if (kind < HOME) return read("feed?limit=20", draw(people));
    if (kind < HOME + PROFILE) return read(`posts?user_id=${draw(authors).id}&limit=20`, draw(people));
    return post(dueAt);
  });
  await deleting;
  return { visible: times.visible.sort(byValue), acknowledged: times.acknowledged.sort(byValue) };
}

async function untilVisible({ api }: FreshnessScene, reader: Person, postId: string): Promise<void> {
  for (const deadline = performance.now() + VISIBLE_TIMEOUT_MS; performance.now() < deadline; await sleep(LOOK_EVERY_MS))
    if ((await api.ask("GET", "feed?limit=20", reader.token)).includes(postId)) return;
  throw new Error(`The post ${postId} was not in a follower's feed after half a minute.`);
}

async function deleteEvery({ api }: FreshnessScene, posts: readonly Posted[], deleted: Map<string, number>) {
  const count = Math.min(posts.length, (REQUESTS / PER_SECOND) * (1000 / DELETE_EVERY_MS));
  await openLoop(1000 / DELETE_EVERY_MS, count, async (number) => {
    const { id, author } = posts[posts.length - 1 - number]!;
    await api.ask("DELETE", `posts/${id}`, author.token);
    deleted.set(id, performance.now());
  });
}

function percentiles(sorted: readonly number[]): Sample {
  return { p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), p99: quantile(sorted, 0.99) };
}

function byValue(a: number, b: number): number {
  return a - b;
}
