import { acknowledgedPosts } from "./checks/acknowledged-posts";
import { atRest } from "./checks/at-rest";
import { cursorWalks } from "./checks/cursor-walks";
import { deliveredPosts } from "./checks/delivered-posts";
import { eventOrder } from "./checks/event-order";
import { factsOf } from "./checks/facts";
import { keptEdges } from "./checks/kept-edges";
import { neverShown } from "./checks/never-shown";
import { ownWrites } from "./checks/own-writes";
import type { Check, Violation } from "./checks/violation";
import type { History } from "./history";
import type { State } from "./state";

const checks: readonly Check[] = [
  acknowledgedPosts,
  deliveredPosts,
  neverShown,
  atRest,
  keptEdges,
  cursorWalks,
  ownWrites,
  eventOrder,
];

/** Every broken promise of docs/promises.md, from what was seen and what is stored alone. */
export function check(history: History, state?: State): Violation[] {
  const evidence = { history, facts: factsOf(history), state };
  return checks.flatMap((one) => one(evidence));
}
