import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { feedScene } from "./feed-scene";
import { openMany } from "./http-connection";
import { throughput } from "./load";

const CONNECTIONS = 32;
const ROUND_MS = 2_000;
/** The gateway, the newsfeed, and all that only a page which changed asks. */
const plan = [["api"], ["newsfeed"], ["auth", "graph", "media", "posts", "discovery"]];

export const feedReadFleet: Benchmark = {
  names: ["feed_read_nats_vs_static"],
  about:
    "The same page of a fleet: gateway, newsfeed and the other services in three processes, over NATS, on Redis, PostgreSQL, MongoDB and MinIO; to a bare node:http server sending the same bytes.",
  async run(lab) {
    const urls = await lab.urls("nats", "redis", "postgres", "mongodb", "minio");
    const fleet = await lab.startFleet(plan, urls);
    const scene = await feedScene(lab, new URL(fleet.of("api")[0]!.url));
    const ours = await openMany(CONNECTIONS, scene.node, scene.request);
    const bare = await openMany(CONNECTIONS, scene.static, scene.request);
    lab.onEnd(async () => [...ours, ...bare].forEach((connection) => connection.close()));
    const measured = await alternate("feed_read_nats_vs_static", {
      ours: async () => ({ rate: await throughput(ours, ROUND_MS) }),
      reference: async () => ({ rate: await throughput(bare, ROUND_MS) }),
    });
    return { rows: [rowOf("feed_read_nats_vs_static", "reads/s", measured["rate"]!, "ratio >= 0.20")] };
  },
};
