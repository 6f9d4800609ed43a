import { alternate, quantile, type Sample } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { feedScene } from "./feed-scene";
import { openMany } from "./http-connection";
import { latencies, throughput } from "./load";

const CONNECTIONS = 32;
const ROUND_MS = 2_000;

/** Of the throughput's ceiling a small part, so that waiting times tell of the work and not of a queue. */
const PER_SECOND = 100;
const REQUESTS = 300;

export const feedRead: Benchmark = {
  names: ["feed_read_vs_static"],
  about:
    "Feed pages/s of 20 posts at the gateway, signed in and warm, to a bare node:http server sending the same bytes.",
  async run(lab) {
    const scene = await feedScene(lab);
    const ours = await openMany(CONNECTIONS, scene.node, scene.request);
    const bare = await openMany(CONNECTIONS, scene.static, scene.request);
    lab.onEnd(async () => [...ours, ...bare].forEach((connection) => connection.close()));
    const measured = await alternate("feed_read_vs_static", {
      ours: async () => ({ rate: await throughput(ours, ROUND_MS) }),
      reference: async () => ({ rate: await throughput(bare, ROUND_MS) }),
    });
    return { rows: [rowOf("feed_read_vs_static", "reads/s", measured["rate"]!, "ratio >= 0.45")] };
  },
};

export const feedLatency: Benchmark = {
  names: ["feed_p50_ms", "feed_p99_ms"],
  about: `Waiting time for the same page, p50 and p99, while ${PER_SECOND} requests fall due a second; to the bare server's.`,
  async run(lab) {
    const scene = await feedScene(lab);
    const ours = await openMany(CONNECTIONS, scene.node, scene.request);
    const bare = await openMany(CONNECTIONS, scene.static, scene.request);
    lab.onEnd(async () => [...ours, ...bare].forEach((connection) => connection.close()));
    const measured = await alternate("feed_p50_ms, feed_p99_ms", {
      ours: async () => percentiles(await latencies(ours, PER_SECOND, REQUESTS)),
      reference: async () => percentiles(await latencies(bare, PER_SECOND, REQUESTS)),
    });
    return { rows: [rowOf("feed_p50_ms", "ms", measured["p50"]!), rowOf("feed_p99_ms", "ms", measured["p99"]!)] };
  },
};

function percentiles(sorted: readonly number[]): Sample {
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
}
