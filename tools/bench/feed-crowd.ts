import type { Config } from "../../lib/config";
import { newUserId } from "../../lib/ids";
import { databaseOf } from "../../mixins/postgres";
import { drainOutboxes } from "../drain-outboxes";
import { progress } from "../progress";
import { openAccounts, PASSWORD, usernameOf } from "../seed/open-accounts";
import { type StartedServices, startServices } from "../start-services";
import { FEED_PATH, PAGE } from "./feed-scene";
import { getRequest, HttpConnection } from "./http-connection";
import { JsonClient } from "./json-client";
import type { Lab } from "./lab";
import { addFollows, addPeople } from "./people.repository";
import { uploadPictures } from "./upload-pictures";

/** People by their ids. */
export interface Crowd {
  readers: number[];
  authors: number[];
  /** They have accounts, and do nothing. */
  others: number[];
}

export interface CrowdPlan {
  sizes: Record<keyof Crowd, number>;
  /** Made before anything is posted, so that an author's followers decide how their posts are brought to them. */
  follows: (crowd: Crowd) => [follower: number, following: number][];
  /** Of the authors in turn, a picture each. */
  posts: number;
  settings?: Record<string, string>;
}

/** A node on Redis with a crowd in it; answers how to open a connection of each reader, who is signed in and has read their feed. */
export async function crowdedNode(lab: Lab, plan: CrowdPlan): Promise<() => Promise<HttpConnection[]>> {
  const folder = await lab.folder();
  const settings = { ...(await lab.urls("redis")), ...plan.settings };
  const config = lab.config(folder, settings);
  const services = ["auth", "graph", "media", "posts", "newsfeed"];
  const started = await startServices(config, services, { holdsFolder: true });
  const tokens = await prepare(started, config, plan).finally(started.stop);
  const { url } = await lab.startNode(folder, settings);
  return () => openReaders(lab, url, tokens);
}

async function prepare(started: StartedServices, config: Config, { sizes, follows, posts }: CrowdPlan) {
  const db = await databaseOf(started.broker);
  const labels = Array.from({ length: sizes.readers + sizes.authors }, (_, i) => String(i));
  const ids = await openAccounts(started, config, "bench", labels);
  const crowd = {
    readers: ids.slice(0, sizes.readers),
    authors: ids.slice(sizes.readers),
    others: Array.from({ length: sizes.others }, newUserId),
  };
  await addPeople(db, crowd.others);
  const created_at = new Date();
  const edges = follows(crowd).map(([follower_id, following_id]) => ({ follower_id, following_id, created_at }));
  const shown = progress("Follows", edges.length);
  await addFollows(db, edges, (count) => shown.advance(count));
  shown.end();
  await publish(started, crowd.authors, posts);
  const tokens: string[] = [];
  for (const label of labels.slice(0, sizes.readers)) {
    const credentials = { username: usernameOf("bench", label), password: PASSWORD };
    tokens.push((await started.call("auth.login", credentials)).access_token);
  }
  return tokens;
}

/** Resolves when every post has come to all whom it is for. */
async function publish(started: StartedServices, authors: readonly number[], posts: number): Promise<void> {
  const people = authors.map((id) => ({ id }));
  for (const { author, mediaId } of await uploadPictures(started, people, posts)) {
    const post = { caption: "A morning by the sea #bench", location: "Seoul", media_ids: [mediaId] };
    await started.call("posts.create", post, { meta: { viewer: { id: author.id, role: "user" } } });
  }
  await drainOutboxes(started);
}

/** One after the other: that many cold feeds at once would be refused in part. */
async function openReaders(lab: Lab, node: URL, tokens: readonly string[]): Promise<HttpConnection[]> {
  const api = new JsonClient(node);
  const connections: HttpConnection[] = [];
  lab.onEnd(async () => connections.forEach((connection) => connection.close()));
  for (const token of tokens) {
    const { items } = JSON.parse(await api.ask("GET", `feed?limit=${PAGE}`, token)) as { items: unknown[] };
    if (items.length !== PAGE) throw new Error(`A reader's feed shows ${items.length} posts.`);
    connections.push(await HttpConnection.open(node, getRequest(node, FEED_PATH, token)));
  }
  api.close();
  return connections;
}
