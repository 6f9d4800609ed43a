import { check } from "./check";
import type { Violation } from "./checks/violation";
import type { History, Operation } from "./history";
import type { State } from "./state";

/**
 * The shortest history that breaks a promise: of all that were broken the one with the fewest operations, less every one of them
 * without which it is broken still.
 */
export function shortest(
  violations: readonly Violation[],
  history: History,
  state: State | undefined,
): { violation: Violation; operations: Operation[] } | undefined {
  const [violation] = [...violations].sort((a, b) => a.operations.length - b.operations.length);
  if (violation === undefined) return undefined;
  let operations = history.operations.filter(({ id }) => violation.operations.includes(id));
  for (const candidate of [...operations]) {
    const fewer = operations.filter((operation) => operation !== candidate);
    const isBroken = check({ ...history, operations: fewer }, state).some(({ what }) => what === violation.what);
    if (isBroken) operations = fewer;
  }
  operations.sort((a, b) => a.invoked_ms - b.invoked_ms);
  return { violation, operations };
}

/** A line for each operation: when, by whom, what and with which outcome. */
export function told(operations: readonly Operation[], { episodes }: History): string {
  const from = operations[0]?.invoked_ms ?? 0;
  const to = Math.max(
    ...operations.map(({ invoked_ms, completed_ms }) => (completed_ms < Infinity ? completed_ms : invoked_ms)),
  );
  const lines = [
    ...operations.map((operation) => ({ at: operation.invoked_ms, text: lineOf(operation) })),
    ...episodes
      .filter(({ from_ms, to_ms }) => to_ms >= from && from_ms <= to)
      .map(({ what, from_ms, to_ms }) => ({ at: from_ms, text: `${span(from_ms, to_ms)}  (${what})` })),
  ];
  return lines
    .sort((a, b) => a.at - b.at)
    .map(({ text }) => `  ${text}`)
    .join("\n");
}

function lineOf({ invoked_ms, completed_ms, actor, deed, args, outcome, status, result }: Operation): string {
  const answer = result === undefined || result === null ? "" : ` ${JSON.stringify(result)}`;
  return `${span(invoked_ms, completed_ms)}  ${actor} ${deed} ${JSON.stringify(args)} → ${outcome} ${status}${answer}`;
}

function span(from: number, to: number): string {
  const seconds = (ms: number): string => (ms === Infinity ? "…" : `${(ms / 1000).toFixed(3)}`);
  return `${seconds(from).padStart(8)}–${seconds(to).padEnd(8)} s`;
}
