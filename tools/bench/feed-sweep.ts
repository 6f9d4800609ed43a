import { alternate, type Sample } from "./alternate";
import { type Figures, rowOf } from "./benchmark";
import type { HttpConnection } from "./http-connection";
import { throughput } from "./load";
import type { Sweep } from "./sweep";

const ROUND_MS = 1_500;
/** Of each case, before any is measured: a process that has compiled less of itself is slower, whatever its size. */
const WARM_READS = 10_000;
const WARM_MS = 500;
/** On a machine that has no time to spare. */
const MOST_WARM_MS = 60_000;

/** One case of a sweep: how large it is, and a connection of each reader. */
export interface FeedCase {
  size: number;
  readers: readonly HttpConnection[];
}

/** Feed reads/s of cases from the smallest to the largest: a row of the last one to the first, and a drawing of all. */
export async function feedSweep(
  drawn: Pick<Sweep, "name" | "title"> & { label: string },
  cases: readonly FeedCase[],
): Promise<Figures> {
  const [first, ...larger] = cases as [FeedCase, ...FeedCase[]];
  for (const { readers } of cases) await warmUp(readers);
  const measured = await alternate(drawn.name, {
    async ours() {
      const sample: Sample = {};
      for (const { size, readers } of larger) sample[size] = await throughput(readers, ROUND_MS);
      return sample;
    },
    async reference() {
      const rate = await throughput(first.readers, ROUND_MS);
      return Object.fromEntries(larger.map(({ size }) => [size, rate]));
    },
  });
  const all = larger.map(({ size }) => measured[size]!);
  const largest = all.at(-1)!;
  return {
    rows: [rowOf(drawn.name, "reads/s", largest, "ratio >= 0.9")],
    sweeps: [
      {
        ...{ name: drawn.name, title: drawn.title, kind: "lines" },
        x: { label: drawn.label, cases: cases.map(({ size }) => size) },
        y: { label: "warm reads of a page of 20", unit: "reads/s" },
        series: [{ label: "feed reads", values: [largest.reference, ...all.map(({ value }) => value)] }],
      },
    ],
  };
}

async function warmUp(readers: readonly HttpConnection[]): Promise<void> {
  const until = performance.now() + MOST_WARM_MS;
  for (let reads = 0; reads < WARM_READS && performance.now() < until;)
    reads += ((await throughput(readers, WARM_MS)) * WARM_MS) / 1000;
}
