import type { History } from "../history";
import type { State } from "../state";
import type { Facts } from "./facts";

export type Promised = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A promise that was broken (docs/promises.md). */
export interface Violation {
  promise: Promised;
  /** In a sentence, with the ids that it is about. */
  what: string;
  /** The operations that show it. */
  operations: number[];
}

/** All that a check is given. */
export interface Evidence {
  history: History;
  facts: Facts;
  /** Undefined while a run is still under way. */
  state: State | undefined;
}

export type Check = (evidence: Evidence) => Violation[];
