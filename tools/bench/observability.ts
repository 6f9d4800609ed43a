import { alternate } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import { feedScene } from "./feed-scene";
import { openMany } from "./http-connection";
import { throughput } from "./load";
import { startSpanCollector } from "./span-collector";

const CONNECTIONS = 32;
const ROUND_MS = 2_000;

export const observability: Benchmark = {
  names: ["observability_cost"],
  about:
    "Feed pages/s of the embedded default with metrics and with the default share of requests traced; to the same node with neither.",
  async run(lab) {
    const collector = await startSpanCollector(lab);
    const observed = await feedScene(lab, (await lab.startNode(await lab.folder(), { TRACE_URL: collector.url })).url);
    const plain = await feedScene(lab, (await lab.startNode(await lab.folder(), { METRICS: "off" })).url);
    const ours = await openMany(CONNECTIONS, observed.node, observed.request);
    const without = await openMany(CONNECTIONS, plain.node, plain.request);
    lab.onEnd(async () => [...ours, ...without].forEach((connection) => connection.close()));
    const before = collector.spans();
    const measured = await alternate("observability_cost", {
      ours: async () => ({ rate: await throughput(ours, ROUND_MS) }),
      reference: async () => ({ rate: await throughput(without, ROUND_MS) }),
    });
    if (collector.spans() === before) throw new Error("No request was traced: what was measured is not what it costs.");
    return { rows: [rowOf("observability_cost", "reads/s", measured["rate"]!, "ratio >= 0.90")] };
  },
};
