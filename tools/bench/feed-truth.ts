import { setTimeout as sleep } from "node:timers/promises";
import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { FEED_PATH, type FeedScene, feedScene, publish } from "./feed-scene";
import { openMany } from "./http-connection";
import { throughput } from "./load";

const CONNECTIONS = 32;
const ROUND_MS = 2_000;
const EVERY_MS = 100;
/** As many as the rounds can delete, every second change being a block. */
const SPARE_POSTS = 80;

export const feedTruth: Benchmark = {
  names: ["feed_read_while_changing"],
  about: `The same page while every ${EVERY_MS} ms a post of it is deleted, or an author blocks the reader; each time it is read again at once, and one answer that shows what was taken away ends the run.`,
  async run(lab) {
    const scene = await feedScene(lab);
    const posts: string[] = [];
    for (let i = 0; i < SPARE_POSTS; i++) posts.push(await publish(scene.authors[0]!.api, 1_000 + i));
    const ours = await openMany(CONNECTIONS, scene.node, scene.request);
    const bare = await openMany(CONNECTIONS, scene.static, scene.request);
    lab.onEnd(async () => [...ours, ...bare].forEach((connection) => connection.close()));
    const measured = await alternate("feed_read_while_changing", {
      async ours() {
        let isOver = false;
        const changing = keepChanging(scene, posts, () => isOver);
        const rate = await throughput(ours, ROUND_MS).finally(() => (isOver = true));
        await changing;
        return { rate };
      },
      reference: async () => ({ rate: await throughput(bare, ROUND_MS) }),
    });
    return { rows: [rowOf("feed_read_while_changing", "reads/s", measured["rate"]!)] };
  },
};

/** Takes something away, reads at once, and looks. */
async function keepChanging(scene: FeedScene, posts: string[], isOver: () => boolean): Promise<void> {
  const [deleter, blocker] = scene.authors;
  for (let i = 0; !isOver(); i++) {
    const post = i % 2 === 0 ? posts.pop() : undefined;
    if (post !== undefined) {
      await deleter!.api.delete(`posts/${post}`);
      await refuse(scene, ({ id }) => id === post);
    } else {
      await blocker!.api.post(`graph/block/${scene.reader.id}`);
      await refuse(scene, ({ user_id }) => user_id === blocker!.id);
      await blocker!.api.delete(`graph/block/${scene.reader.id}`);
      await scene.reader.api.post(`graph/follow/${blocker!.id}`);
    }
    await sleep(EVERY_MS);
  }
}

async function refuse({ node, reader }: FeedScene, isGone: (post: { id: string; user_id: number }) => boolean) {
  const answer = await fetch(new URL(FEED_PATH, node), { headers: { authorization: `Bearer ${reader.token}` } });
  const { items } = (await answer.json()) as FeedScene["page"];
  const shown = items.find(isGone);
  if (shown !== undefined) throw new Error(`A feed showed ${shown.id} of ${shown.user_id} after it was taken away.`);
}
