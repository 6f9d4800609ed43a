import { LONGEST_LIFE_MS } from "../../mixins/redis/timelines";
import { STAMP_LIFE_MS, stampOf } from "../../mixins/redis/stamps";
import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { startChild } from "./child";
import { type FeedScene, feedScene, PAGE } from "./feed-scene";
import { openMany } from "./http-connection";
import type { Lab } from "./lab";
import { throughput } from "./load";

const CONNECTIONS = 32;
const ROUND_MS = 2_000;
const TTL_MS = 300_000;
/** Entries that a warm read looks at beyond a page. */
const SPARE = 5;

export const feedReadRedis: Benchmark = {
  names: ["feed_read_vs_bare_redis", "feed_read_redis_vs_static"],
  about:
    "The same page with REDIS_URL, all services in one process: to a bare node:http server that runs the same script over the same keys for each answer, and to one that sends the bytes alone.",
  async run(lab) {
    const urls = await lab.urls("redis");
    const node = await lab.startNode(await lab.folder(), urls);
    const scene = await feedScene(lab, node.url);
    const bare = await startBareRedis(lab, scene, urls["REDIS_URL"]!);
    const rates = async (reference: URL, title: string) => {
      const [ours, theirs] = await Promise.all(
        [scene.node, reference].map((url) => openMany(CONNECTIONS, url, scene.request)),
      );
      const measured = await alternate(title, {
        ours: async () => ({ rate: await throughput(ours!, ROUND_MS) }),
        reference: async () => ({ rate: await throughput(theirs!, ROUND_MS) }),
      });
      for (const connection of [...ours!, ...theirs!]) connection.close();
      return measured["rate"]!;
    };
    return {
      rows: [
        rowOf(
          "feed_read_vs_bare_redis",
          "reads/s",
          await rates(bare, "feed_read_vs_bare_redis"),
          "ratio >= 0.85",
        ),
        rowOf("feed_read_redis_vs_static", "reads/s", await rates(scene.static, "feed_read_redis_vs_static")),
      ],
    };
  },
};

async function startBareRedis(lab: Lab, { reader, page, body }: FeedScene, redisUrl: string): Promise<URL> {
  const names = page.items.flatMap(({ id, user_id }) => [stampOf.post(id), stampOf.author(user_id)]);
  const keys = [`feed:${reader.id}`, stampOf.viewer(reader.id), stampOf.pulled, ...new Set(names)];
  const args = [PAGE + SPARE, TTL_MS, LONGEST_LIFE_MS, "bare", STAMP_LIFE_MS].join(" ");
  const server = await startChild("redis-server", { redisUrl, body, keys: keys.join("\n"), args });
  lab.onEnd(() => server.stop());
  return server.url;
}
