import { alternate, median, type Measured, type Sample } from "./alternate";
import { type Benchmark, rowOf } from "./benchmark";
import type { ChildNode } from "./child";
import { feedScene } from "./feed-scene";
import { type HttpConnection, openMany } from "./http-connection";
import type { Lab } from "./lab";
import { throughput } from "./load";
import { workOf } from "./server-work";
import { startSpanCollector } from "./span-collector";

const CONNECTIONS = 32;
const ROUND_MS = 1_000;
/** Of nodes: of two alike one does some percent more, by chance and for it was started last, which each is in half of them. */
const PAIRS = 4;

interface Side {
  node: ChildNode;
  connections: HttpConnection[];
}

export const observability: Benchmark = {
  names: ["observability_cost"],
  about:
    "Feed pages to the second of processor time, of the embedded default with metrics and with the default share of requests traced; to the same node with neither.",
  async run(lab) {
    const collector = await startSpanCollector(lab);
    const pairs: Measured[] = [];
    for (let pair = 1; pair <= PAIRS; pair++) {
      const first = pair % 2 === 0 ? await startSide(lab, { METRICS: "off" }) : undefined;
      const observed = await startSide(lab, { TRACE_URL: collector.url });
      const plain = first ?? (await startSide(lab, { METRICS: "off" }));
      const before = collector.spans();
      const measured = await alternate(`observability_cost, pair ${pair}`, {
        ours: () => readsOf(observed),
        reference: () => readsOf(plain),
      });
      if (collector.spans() === before) throw new Error("No request was traced: this is not what it costs.");
      pairs.push(measured["rate"]!);
      for (const side of [observed, plain]) await stopSide(side);
    }
    const of = (figure: keyof Measured): number => median(pairs.map((pair) => pair[figure]));
    const measured = { value: of("value"), reference: of("reference"), ratio: of("ratio") };
    return { rows: [rowOf("observability_cost", "reads/s", measured, "ratio >= 0.90")] };
  },
};

async function startSide(lab: Lab, settings: Record<string, string>): Promise<Side> {
  const node = await lab.startNode(await lab.folder(), settings);
  const { request } = await feedScene(lab, node.url);
  const connections = await openMany(CONNECTIONS, node.url, request);
  lab.onEnd(async () => connections.forEach((connection) => connection.close()));
  return { node, connections };
}

async function stopSide({ node, connections }: Side): Promise<void> {
  connections.forEach((connection) => connection.close());
  await node.stop();
}

/** What neighbours on the machine take away is not in it: the difference is smaller than that. */
async function readsOf({ node, connections }: Side): Promise<Sample> {
  let reads = 0;
  const workMs = await workOf([node.pid], async () => {
    const began = performance.now();
    reads = ((await throughput(connections, ROUND_MS)) * (performance.now() - began)) / 1000;
  });
  return { rate: (reads / workMs) * 1000 };
}
