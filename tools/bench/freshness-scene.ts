import type { Config } from "../../lib/config";
import { databaseOf } from "../../mixins/postgres";
import { seededRandom } from "../seed/random";
import { openAccounts, PASSWORD, usernameOf } from "../seed/open-accounts";
import { type StartedServices, startServices } from "../start-services";
import { storeGraph } from "./big-graph";
import { JsonClient } from "./json-client";
import type { Lab } from "./lab";
import type { FollowGraph } from "./power-law";
import { uploadPictures } from "./upload-pictures";

const AUTHORS = 200;

export interface Person {
  id: number;
  token: string;
}

export interface FreshnessScene {
  api: JsonClient;
  /** Each with somebody who follows them. */
  authors: (Person & { follower: Person })[];
  /** All who are signed in: the authors and those followers. */
  people: Person[];
  /** Of the posts to come, each with its author. */
  uploads: { author: Person & { follower: Person }; mediaId: string }[];
}

/** A node on PostgreSQL and Redis with a graph in it, some of whose people are signed in and have pictures to post. */
export async function freshnessScene(lab: Lab, graph: FollowGraph, posts: number): Promise<FreshnessScene> {
  const folder = await lab.folder();
  const urls = await lab.urls("postgres", "redis");
  const config = lab.config(folder, urls);
  const started = await startServices(config, ["auth", "graph", "media"], { holdsFolder: true });
  const { authors, people, uploads } = await prepare(started, config, graph, posts).finally(started.stop);
  const node = await lab.startNode(folder, urls);
  const api = new JsonClient(node.url);
  lab.onEnd(async () => api.close());
  return { api, authors, people, uploads };
}

async function prepare(started: StartedServices, config: Config, graph: FollowGraph, posts: number) {
  const pairs = authorsAndFollowers(graph);
  const active = [...new Set(pairs.flat())];
  const ids = await openAccounts(started, config, "bench", active.map(String));
  const known = new Map(active.map((position, i) => [position, ids[i]!]));
  await storeGraph(await databaseOf(started.broker), graph, known);
  const people = new Map<number, Person>();
  for (const position of active) {
    const credentials = { username: usernameOf("bench", String(position)), password: PASSWORD };
    const { access_token } = await started.call("auth.login", credentials);
    people.set(position, { id: known.get(position)!, token: access_token });
  }
  const authors = pairs.map(([author, follower]) => ({ ...people.get(author)!, follower: people.get(follower)! }));
  return { authors, people: [...people.values()], uploads: await uploadPictures(started, authors, posts) };
}

/** Authors drawn from all who are followed, the same for the same graph, each with one of their followers. */
function authorsAndFollowers({ people, edges }: FollowGraph): [author: number, follower: number][] {
  const random = seededRandom(edges.length);
  const followerOf = new Map<number, number>();
  for (const [follower, following] of edges)
    if (!followerOf.has(following) || random() < 0.2) followerOf.set(following, follower);
  const drawn = new Set<number>();
  while (drawn.size < Math.min(AUTHORS, followerOf.size)) {
    const author = Math.floor(random() * people);
    if (followerOf.has(author)) drawn.add(author);
  }
  return [...drawn].map((author) => [author, followerOf.get(author)!]);
}
