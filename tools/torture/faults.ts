import { setTimeout as sleep } from "node:timers/promises";
import { type Deaths, letDie } from "./deaths";
import type { Target } from "./targets";
import type { Random } from "./world";

/** Longer than a session in Kafka or ZooKeeper lasts, and than a call waits. */
const STOPPED_MS = 10_000;
const LONGEST_DEATH_MS = 2_000;

/** "kill": SIGKILL, and a new start. "stop": SIGSTOP for ten seconds. "restart": in good order. */
export type FaultKind = "kill" | "stop" | "restart";

export type Fault = { target: Target; kind: FaultKind } | Deaths;

/** Befall the system at once. */
export type Round = readonly Fault[];

/** A name for each target that it befalls. */
export function namesOf(fault: Fault): string[] {
  if ("dying" in fault) return fault.dying.map(({ target, failpoint }) => `${target.name} dies at ${failpoint}`);
  return [`${fault.kind} ${fault.target.name}`];
}

/** Does it, and undoes it. Resolves when all that it befell serves again. @throws when a fail-point is never reached. */
export async function inflict(fault: Fault, random: Random): Promise<void> {
  if ("dying" in fault) return letDie(fault);
  const { target, kind } = fault;
  if (kind === "stop") return stopAndContinue(target);
  if (kind === "restart") await target.stop();
  else {
    await target.kill();
    await sleep(LONGEST_DEATH_MS * random());
  }
  await target.start();
}

async function stopAndContinue(target: Target): Promise<void> {
  const pids = await target.pids();
  for (const pid of pids) signal(pid, "SIGSTOP");
  try {
    await sleep(STOPPED_MS);
  } finally {
    for (const pid of pids) signal(pid, "SIGCONT");
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // One of a server's children that ended by itself.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
