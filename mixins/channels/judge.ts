import { kindOfFailure, type FailureKind } from "./bad-message";
import type { DeadLetter, OutboxRow, Settlement } from "./outbox";
import type { Outcome } from "./transport";

const TRIES: Record<FailureKind, number> = { bad: 3, bug: 20, down: Infinity };
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** What is to become of a row after a round of sending: sent (perhaps to a dead letter), or tried again after a pause. */
export type Verdict = { dead: DeadLetter[] } & (
  { failed: Settlement["failed"][number]; sent?: undefined } | { sent: OutboxRow; failed?: undefined }
);

export function judge({ row, acked, failures }: Outcome): Verdict {
  const faults = { ...row.faults };
  const dead: DeadLetter[] = [];
  let isWaiting = false;
  for (const { group, error } of failures) {
    const kind = kindOfFailure(error);
    // A dependency that is down says nothing about the message.
    if (kind !== "down") faults[group] = (faults[group] ?? 0) + 1;
    if (isGivenUp(kind, faults[group] ?? 0)) dead.push({ row, group, error: describe(error) });
    else isWaiting = true;
  }
  if (!isWaiting) return { sent: row, dead };
  const done = [...acked, ...dead.map(({ group }) => group)];
  return { failed: { row, acked: done, faults, retryInMs: pauseAfter(row.attempts) }, dead };
}

/** Whether a message that failed so often for a reason of its own is a dead letter. */
export function isGivenUp(kind: FailureKind, faults: number): boolean {
  return faults >= TRIES[kind];
}

/** Milliseconds, twice as many after each attempt, up to five seconds. */
export function pauseAfter(attempts: number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 10));
  return Math.round(pause * (0.75 + Math.random() / 2));
}

export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { data } = error as { data?: unknown };
  return `${error.name}: ${error.message}${data === undefined || data === null ? "" : ` ${JSON.stringify(data)}`}`;
}
