import { setTimeout as sleep } from "node:timers/promises";
import type { Display } from "./display";
import { type Fault, type FaultKind, inflict, namesOf, type Round } from "./faults";
import { failpointsOf } from "./failpoints";
import type { Recorder } from "./recorder";
import { isNode, peersOf, type Target } from "./targets";
import type { Random } from "./world";

const LONGEST_PAUSE_MS = 1_500;
/** What Redis had not written down when it died is gone with it, and so are marks of what was changed just before. */
const FORGOTTEN_MS = 3_000;
const READY_MS = 120_000;

/** Lets one round of faults after the other befall the system, until it is told to stop. */
export class Nemesis {
  /** Those that were undone too. */
  readonly inflicted: string[] = [];
  /** What went wrong with faults themselves. */
  readonly failures: string[] = [];

  constructor(
    private readonly targets: readonly Target[],
    private readonly recorder: Recorder,
    private readonly display: Display,
    private readonly random: Random,
  ) {}

  async rage(rounds: readonly Round[], isStopping: () => boolean): Promise<void> {
    for (const round of rounds) {
      if (isStopping()) return;
      await Promise.all(round.map((fault) => this.inflictOne(fault)));
      await sleep(LONGEST_PAUSE_MS * this.random());
    }
  }

  /** Every fault that there is, one after the other in a random order. */
  allFaults(): Round[] {
    return this.targets
      .flatMap((target) => faultsOf(target, this.targets))
      .map((fault) => ({ fault, rank: this.random() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ fault }) => [fault]);
  }

  /** Starts whatever does not run, and waits until every node says that it is ready. */
  async heal(): Promise<void> {
    for (const target of this.targets) {
      if ((await target.pids()).length > 0) continue;
      this.failures.push(`${target.name} had ended by itself`);
      await target.start();
    }
    for (const deadline = Date.now() + READY_MS; Date.now() < deadline; await sleep(100)) {
      const ready = await Promise.all(this.targets.map(async (target) => !isNode(target) || target.node.isReady()));
      if (ready.every(Boolean)) return;
    }
    throw new Error(`Not all nodes are ready ${READY_MS / 1000} s after the last fault.`);
  }

  private async inflictOne(fault: Fault): Promise<void> {
    const names = namesOf(fault);
    const from_ms = this.recorder.now();
    for (const what of names) this.display.fault(what, false);
    try {
      await inflict(fault, this.random);
      this.inflicted.push(...names);
    } catch (error) {
      this.failures.push(`${names.join(", ")}: ${error instanceof Error ? error.message : String(error)}`);
    }
    const to_ms = this.recorder.now();
    for (const what of names) {
      this.display.fault(what, true);
      this.recorder.episode({ kind: "fault", what, from_ms, to_ms });
    }
    if (!("target" in fault) || fault.target.server !== "redis") return;
    this.recorder.episode({ kind: "redis-absent", what: names[0]!, from_ms: from_ms - FORGOTTEN_MS, to_ms });
  }
}

function faultsOf(target: Target, targets: readonly Target[]): Fault[] {
  const faults = (["kill", "stop", "restart"] satisfies FaultKind[]).map((kind): Fault => ({ target, kind }));
  if (!isNode(target)) return faults;
  const peers = peersOf(target, targets);
  const points = failpointsOf(target.node.services);
  return [...faults, ...points.map((failpoint): Fault => ({ dying: [{ target, failpoint }], peers }))];
}
