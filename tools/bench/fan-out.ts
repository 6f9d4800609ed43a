import { Readable } from "node:stream";
import sharp from "sharp";
import type { ServiceBroker } from "moleculer";
import type { DomainEvent, Viewer } from "../../lib/contract";
import { newId, newUserId } from "../../lib/ids";
import { databaseOf, type Database } from "../../mixins/postgres";
import type { Media } from "../../services/media/media.contract";
import { slicesFor } from "../../services/newsfeed/slice-followers";
import { type StartedServices, startServices } from "../start-services";
import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { addFollowers, countFeedItems, insertFeedItems } from "./fan-out.repository";
import type { Lab } from "./lab";

const FOLLOWERS = 20_000;
const POSTS = 3;
const BATCH = 5_000;
const DELIVERY_TIMEOUT_MS = 120_000;

interface Scene extends StartedServices {
  database: Database;
  author: Viewer;
  followerIds: number[];
}

export const fanOut: Benchmark = {
  names: ["fanout_vs_plain_insert"],
  about: `Deliveries/s of posts to ${FOLLOWERS} followers, from posts.create through both outboxes into feed_items, to plain batched inserts into the same table.`,
  async run(lab) {
    const scene = await fanOutScene(lab);
    const measured = await alternate("fanout_vs_plain_insert", {
      ours: async () => ({ rate: await deliver(scene) }),
      reference: async () => ({ rate: await insertPlainly(scene) }),
    });
    return { rows: [rowOf("fanout_vs_plain_insert", "deliveries/s", measured["rate"]!)] };
  },
};

async function fanOutScene(lab: Lab): Promise<Scene> {
  const started = await startServices(lab.config(await lab.folder()), ["auth", "graph", "media", "posts", "newsfeed"], {
    holdsFolder: true,
  });
  lab.onEnd(() => started.stop());
  const users = [{ username: "author", email: "author@example.com", display_name: "Author" }];
  const { user_ids } = await started.call("auth.seed", { users, password_hash: "none: nobody signs in" });
  const author: Viewer = { id: user_ids[0]!, role: "user" };
  const followerIds = Array.from({ length: FOLLOWERS }, newUserId).sort((a, b) => a - b);
  const database = await databaseOf(started.broker);
  await addFollowers(database.at(author.id), author.id, followerIds);
  return { ...started, database, author, followerIds };
}

/** Publishes posts, and measures until the last follower has the last of them. */
async function deliver({ broker, call, database, author, followerIds }: Scene): Promise<number> {
  const meta = { viewer: author };
  const uploads = await Promise.all(Array.from({ length: POSTS }, () => uploadDot(broker, meta)));
  const postIds = new Set<string>();
  const delivered = untilDelivered(broker, postIds, POSTS * slicesFor(FOLLOWERS).length);
  const began = performance.now();
  for (const media of uploads) {
    const { id } = await call("posts.create", { caption: "", media_ids: [media.id] }, { meta });
    postIds.add(id);
  }
  await delivered;
  const seconds = (performance.now() - began) / 1000;
  const rows = await countFeedItems(database.at(author.id), [...postIds]);
  if (rows !== POSTS * followerIds.length)
    throw new Error(`${rows} deliveries are stored, and not as many as there are followers.`);
  return rows / seconds;
}

/** Until so many pages of the fan-out were acknowledged; those of other rounds are passed over. */
function untilDelivered(broker: ServiceBroker, postIds: ReadonlySet<string>, wanted: number): Promise<void> {
  const seen = new Map<string, number>();
  return new Promise((resolve, reject) => {
    const onSent = ({ event }: { event: DomainEvent<{ post_id: string }> }): void => {
      if (event.type !== "feed.fanout") return;
      const { post_id } = event.data;
      seen.set(post_id, (seen.get(post_id) ?? 0) + 1);
      // An event may be faster than the answer that tells its post's id.
      if ([...postIds].reduce((sum, id) => sum + (seen.get(id) ?? 0), 0) < wanted) return;
      clearTimeout(timer);
      broker.localBus.off("$outbox.sent", onSent);
      resolve();
    };
    const timer = setTimeout(
      () => reject(new Error("A fan-out was not finished in two minutes.")),
      DELIVERY_TIMEOUT_MS,
    );
    broker.localBus.on("$outbox.sent", onSent);
  });
}

async function uploadDot(broker: ServiceBroker, meta: { viewer: Viewer }): Promise<Media> {
  const dot = sharp({ create: { width: 8, height: 8, channels: 3, background: "#345" } });
  const stream = Readable.from([await dot.png().toBuffer()]);
  const media = await broker.call<Media, object>("media.upload", {}, { meta, stream });
  while ((await broker.call<Media, object>("media.get", { media_id: media.id }, { meta })).status === "processing")
    await new Promise((resolve) => setTimeout(resolve, 20));
  return media;
}

async function insertPlainly({ database, author, followerIds }: Scene): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < POSTS; i++) {
    const post = { post_id: newId(), user_id: author.id, created_at: new Date() };
    for (let start = 0; start < followerIds.length; start += BATCH)
      await insertFeedItems(database.at(author.id), followerIds.slice(start, start + BATCH), post);
  }
  return (POSTS * followerIds.length * 1000) / (performance.now() - began);
}
