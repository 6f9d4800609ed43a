import { setTimeout as sleep } from "node:timers/promises";
import type { Target } from "./targets";
import type { Random } from "./world";

/** Longer than a session in Kafka or ZooKeeper lasts, and than a call waits. */
const STOPPED_MS = 10_000;
const LONGEST_DEATH_MS = 2_000;
/** How long a node is waited for to come to its fail-point. */
const REACHED_MS = 40_000;
const POLL_MS = 50;

/** "kill": SIGKILL, and a new start. "stop": SIGSTOP for ten seconds. "restart": in good order. Else a fail-point at which it dies. */
export type FaultKind = "kill" | "stop" | "restart" | { failpoint: string };

export interface Fault {
  target: Target;
  kind: FaultKind;
  /** Down meanwhile, so that a relay or a partition of theirs is the target's. */
  peers?: readonly Target[];
}

export function nameOf({ target, kind }: Fault): string {
  return typeof kind === "string" ? `${kind} ${target.name}` : `${target.name} dies at ${kind.failpoint}`;
}

/** Does it, and undoes it. Resolves when its target serves again. @throws when a fail-point is never reached. */
export async function inflict({ target, kind, peers = [] }: Fault, random: Random): Promise<void> {
  if (kind === "stop") return stopAndContinue(target);
  if (kind === "restart") {
    await target.stop();
    return target.start();
  }
  if (kind === "kill") {
    await target.kill();
    await sleep(LONGEST_DEATH_MS * random());
    return target.start();
  }
  await Promise.all([target, ...peers].map((one) => one.stop()));
  const hasDied = await diesAt(target, kind.failpoint);
  if (!hasDied) await target.kill();
  await Promise.all([target, ...peers].map((one) => one.start()));
  if (!hasDied) throw new Error(`${target.name} did not come to ${kind.failpoint} within ${REACHED_MS / 1000} s.`);
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

/** True once it was reached: the process has ended by its own SIGKILL. */
async function diesAt(target: Target, failpoint: string): Promise<boolean> {
  const starting = target.start({ FAILPOINT: failpoint }).catch(() => undefined);
  const deadline = Date.now() + REACHED_MS;
  // A start that is cut short by the fail-point rejects, one that comes through resolves.
  await Promise.race([starting, sleep(REACHED_MS)]);
  while (Date.now() < deadline) {
    if ((await target.pids()).length === 0) return true;
    await sleep(POLL_MS);
  }
  return false;
}
