import { join } from "node:path";
import { newId, newUserId } from "../../lib/ids";
import type { DocumentStore } from "../../mixins/documents";
import { databaseOf } from "../../mixins/postgres";
import { readPostmaster } from "../../mixins/postgres/postmaster";
import type { FeedCaches } from "../../mixins/redis";
import { startServices } from "../start-services";
import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { forgetFeed } from "./feed-cold.repository";
import type { Lab } from "./lab";
import { postOf } from "./many-posts";
import { addFollows, addPeople } from "./people.repository";
import { serverWork } from "./server-work";

const FOLLOWED = 300;
const POSTS_OF_EACH = 10;
const PAGE = 20;
const REPEATS = 5;
const READERS = 1_000;

export const feedCold: Benchmark = {
  names: ["rebuild_300_ms", "stampede_rebuilds"],
  about: `Server work of the first read of a feed of ${FOLLOWED} followed accounts with ${POSTS_OF_EACH} posts each, of which nothing is stored, to a plain read of the same feed; and how often it is computed when ${READERS} read it at once.`,
  async run(lab) {
    const { read, readPlainly, forget, rebuilds, pids } = await coldScene(lab);
    const averageMs = async (work: () => Promise<unknown>, before = async (): Promise<void> => undefined) => {
      let spent = 0;
      for (let i = 0; i < REPEATS; i++) {
        await before();
        spent += await serverWork(pids, async () => void (await work()));
      }
      return { ms: spent / REPEATS };
    };
    const cold = await alternate("rebuild_300_ms", {
      ours: () => averageMs(read, forget),
      reference: () => averageMs(readPlainly),
    });
    const stampede = await alternate("stampede_rebuilds", {
      async ours() {
        await forget();
        const before = rebuilds();
        await Promise.all(Array.from({ length: READERS }, read));
        return { rebuilds: rebuilds() - before };
      },
      reference: async () => ({ rebuilds: 1 }),
    });
    return {
      rows: [
        rowOf("rebuild_300_ms", "ms", cold["ms"]!, "value <= 50"),
        rowOf("stampede_rebuilds", "rebuilds", stampede["rebuilds"]!, "value <= 1"),
      ],
    };
  },
};

async function coldScene(lab: Lab) {
  const config = lab.config(await lab.folder());
  const services = ["auth", "graph", "media", "posts", "newsfeed"];
  const { broker, stop } = await startServices(config, services, { holdsFolder: true });
  lab.onEnd(stop);
  const db = await databaseOf(broker);
  const [reader, ...authors] = Array.from({ length: FOLLOWED + 1 }, newUserId) as [number, ...number[]];
  await addPeople(db, [reader, ...authors]);
  const created_at = new Date();
  const edges = authors.map((following_id) => ({ follower_id: reader, following_id, created_at }));
  await addFollows(db, edges, () => undefined);
  const serviceOf = (name: string) => broker.services.find((service) => service.name === name) as unknown;
  const { documents } = serviceOf("posts") as { documents: DocumentStore };
  const { timelines } = serviceOf("newsfeed") as FeedCaches;
  for (const [i, author] of authors.entries())
    await documents.transaction(async (tx) => {
      for (let j = 0; j < POSTS_OF_EACH; j++)
        await tx.insert("posts", { ...postOf(author, j * FOLLOWED + i), _id: newId(), media_ids: [] });
    });
  const options = { meta: { viewer: { id: reader, role: "user" } } };
  const postmaster = await readPostmaster(join(config.dataDir, "postgres"));
  return {
    read: () => broker.call("newsfeed.readNewest", { limit: PAGE }, options),
    readPlainly: () => broker.call("newsfeed.read", { limit: PAGE }, options),
    forget: async () => {
      await forgetFeed(db, reader);
      await timelines.invalidate([reader]);
    },
    rebuilds: () => Number(broker.metrics.getMetric("newsfeed.rebuilds")?.get()?.value ?? 0),
    pids: postmaster === undefined ? [] : [postmaster.pid],
  };
}
