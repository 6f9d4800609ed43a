import { setTimeout as sleep } from "node:timers/promises";
import { deathAt } from "../../node/arm-failpoint";
import type { NodeTarget } from "./targets";

/** How long nodes are waited for to come to their fail-points. What they depend on may be dying meanwhile, and comes back first. */
const REACHED_MS = 90_000;
const POLL_MS = 50;

/** Nodes that die between two steps (mixins/failpoint.ts). */
export interface Deaths {
  dying: readonly Dying[];
  /** Down meanwhile, so that every relay and every partition is one of the dying, and so surely comes to its fail-point. */
  peers: readonly NodeTarget[];
}

export interface Dying {
  target: NodeTarget;
  failpoint: string;
}

/** Resolves when all have died, and serve again. @throws with who did not come to its fail-point. */
export async function letDie({ dying, peers }: Deaths): Promise<void> {
  const all = [...dying.map(({ target }) => target), ...peers];
  await Promise.all(all.map((one) => one.stop()));
  const missed = (await Promise.all(dying.map(missedBy))).filter((what) => what !== undefined);
  await Promise.all(all.map((one) => one.kill()));
  await Promise.all(all.map((one) => one.start()));
  if (missed.length > 0) throw new Error(missed.join(" "));
}

/** Undefined once its process has ended by its own SIGKILL there: then it has written so into its log. */
async function missedBy({ target, failpoint }: Dying): Promise<string | undefined> {
  const deaths = async (): Promise<number> => (await target.node.log()).split(deathAt(failpoint)).length;
  const before = await deaths();
  const deadline = Date.now() + REACHED_MS;
  // A start that is cut short by the fail-point rejects, one that comes through resolves.
  await target.start({ FAILPOINT: failpoint }).catch(() => undefined);
  while (Date.now() < deadline && (await target.pids()).length > 0) await sleep(POLL_MS);
  return (await deaths()) > before
    ? undefined
    : `${target.name} did not come to ${failpoint} within ${REACHED_MS / 1000} s.`;
}
