import type { Args, Deed, Result } from "./deeds";

/** "refused": an answer of 4xx. "unknown": no answer, or 5xx: it may have happened, and may still happen. */
export type Outcome = "ok" | "refused" | "unknown";

interface Done<D extends Deed> {
  id: number;
  actor: number;
  deed: D;
  args: Args<D>;
  /** ms since the run began. */
  invoked_ms: number;
  /** Infinity where no answer came. */
  completed_ms: number;
  outcome: Outcome;
  /** 0 where no answer came. */
  status: number;
  /** Of an "ok" alone. */
  result?: Result<D>;
}

/** One thing that somebody asked for, and what became of it. */
export type Operation<D extends Deed = Deed> = { [E in D]: Done<E> }[D];

/** A fault while it lasted, or a time in which a node could not reach Redis. */
export interface Episode {
  kind: "fault" | "redis-absent";
  what: string;
  from_ms: number;
  to_ms: number;
}

/** All that was seen of a run from outside. */
export interface History {
  operations: Operation[];
  episodes: Episode[];
}

/** A line of a history's file: an operation is two of them, so that what a crash cut short is there as far as it went. */
export type Line =
  | { at_ms: number; type: "invoke"; op: number; actor: number; deed: Deed; args: object }
  | { at_ms: number; type: "ok"; op: number; status: number; result: unknown }
  | { at_ms: number; type: "refused" | "unknown"; op: number; status: number }
  | ({ at_ms: number; type: "episode" } & Episode);

export function parseHistory(text: string): History {
  return historyOf(
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line),
  );
}

export function historyOf(lines: Iterable<Line>): History {
  const byId = new Map<number, Operation>();
  const episodes: Episode[] = [];
  for (const line of lines) {
    if (line.type === "episode") {
      const { kind, what, from_ms, to_ms } = line;
      episodes.push({ kind, what, from_ms, to_ms });
    } else if (line.type === "invoke") {
      const { op: id, actor, deed, args, at_ms: invoked_ms } = line;
      const open = { id, actor, deed, args, invoked_ms, completed_ms: Infinity, outcome: "unknown", status: 0 };
      byId.set(id, open as Operation);
    } else complete(byId.get(line.op), line);
  }
  return { operations: [...byId.values()], episodes };
}

function complete(operation: Operation | undefined, line: Exclude<Line, { type: "invoke" | "episode" }>): void {
  if (operation === undefined) throw new Error(`Operation ${line.op} ends and did not begin.`);
  operation.outcome = line.type;
  operation.status = line.status;
  // What has no answer may happen at any time from now on.
  if (line.type !== "unknown") operation.completed_ms = line.at_ms;
  if (line.type === "ok") operation.result = line.result as never;
}

/** The operations of one kind, in the order in which they were asked for. */
export function deedsOf<D extends Deed>({ operations }: Pick<History, "operations">, deed: D): Operation<D>[] {
  return operations.filter((operation) => operation.deed === deed) as unknown[] as Operation<D>[];
}
