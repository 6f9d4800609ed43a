import type { Fleet } from "../fleet/fleet";
import type { FleetNode } from "../fleet/fleet-node";
import type { Recorder } from "./recorder";

const EVERY_MS = 1_000;
const ANSWER_MS = 2_000;

interface Seen {
  atMs: number;
  failures: number;
}

/** Notes when a node could not reach Redis, from what the node itself counts: then the 30 s bound holds, and only then. */
export class RedisWatch {
  private readonly seen = new Map<FleetNode, Seen>();
  private readonly timer: NodeJS.Timeout;
  private looking: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly fleet: Fleet,
    private readonly recorder: Recorder,
  ) {
    this.timer = setInterval(() => void (this.looking = this.look()), EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    await this.look();
  }

  private async look(): Promise<void> {
    await Promise.all(this.fleet.nodes.map((node) => this.lookAt(node)));
  }

  private async lookAt(node: FleetNode): Promise<void> {
    const failures = await failuresOf(node);
    if (failures === undefined) return;
    const atMs = this.recorder.now();
    const before = this.seen.get(node);
    this.seen.set(node, { atMs, failures });
    // A new process counts from zero.
    const since = before === undefined || failures < before.failures ? 0 : before.failures;
    if (failures === since) return;
    const what = `${node.services.join("+")} did not reach Redis`;
    this.recorder.episode({ kind: "redis-absent", what, from_ms: before?.atMs ?? 0, to_ms: atMs });
  }
}

/** Undefined where it does not answer. */
async function failuresOf({ opsUrl }: FleetNode): Promise<number | undefined> {
  try {
    const response = await fetch(`${opsUrl}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const metrics = await response.text();
    const values = [...metrics.matchAll(/^redis_failures(?:\{[^}]*\})? ([\d.]+)/gm)];
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  } catch {
    return undefined;
  }
}
