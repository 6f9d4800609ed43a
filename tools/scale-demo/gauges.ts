import { setTimeout as sleep } from "node:timers/promises";
import type { Fleet } from "../fleet/fleet";
import type { FleetNode } from "../fleet/fleet-node";

export interface NodeReading {
  name: string;
  readsPerSecond: number;
  deliveriesPerSecond: number;
}

export interface Reading {
  nodes: NodeReading[];
  /** Followers who do not have a published post yet, a post and a follower counted as one. */
  lag: number;
}

interface Counts {
  reads: number;
  deliveries: number;
}

/** What the newsfeed nodes of a fleet do, from their own `/metrics`. */
export class Gauges {
  private readonly before = new Map<FleetNode, Counts>();
  private measuredMs = performance.now();

  constructor(
    private readonly fleet: Fleet,
    /** Deliveries that there are to be made in all. */
    private readonly due: () => number,
  ) {}

  /** Waits until a second has passed since the last reading. */
  async nextSecond(): Promise<Reading> {
    await sleep(Math.max(0, this.measuredMs + 1000 - performance.now()));
    const seconds = (performance.now() - this.measuredMs) / 1000;
    this.measuredMs = performance.now();
    const due = this.due();
    const nodes = this.fleet.of("newsfeed");
    const counts = await Promise.all(nodes.map(countsOf));
    let delivered = 0;
    const readings: NodeReading[] = [];
    nodes.forEach((node, index) => {
      const now = counts[index];
      // It has not started yet.
      if (now === undefined) return;
      const before = this.before.get(node) ?? { reads: 0, deliveries: 0 };
      this.before.set(node, now);
      delivered += now.deliveries;
      readings.push({
        name: `newsfeed ${readings.length + 1}`,
        readsPerSecond: (now.reads - before.reads) / seconds,
        deliveriesPerSecond: (now.deliveries - before.deliveries) / seconds,
      });
    });
    return { nodes: readings, lag: Math.max(0, due - delivered) };
  }
}

async function countsOf({ opsUrl }: FleetNode): Promise<Counts | undefined> {
  try {
    const text = await (await fetch(`${opsUrl}/metrics`)).text();
    return {
      // Of a histogram the registry prints its buckets: the last one holds all.
      reads: valueOf(text, /^newsfeed_read_ms_bucket\{[^}]*le="\+Inf"\} ([\d.]+)/gm),
      deliveries: valueOf(text, /^newsfeed_deliveries(?:\{[^}]*\})? ([\d.]+)/gm),
    };
  } catch {
    return undefined;
  }
}

/** The sum over all labels. */
function valueOf(metrics: string, line: RegExp): number {
  return [...metrics.matchAll(line)].reduce((sum, [, value]) => sum + Number(value), 0);
}
