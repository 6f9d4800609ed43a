import type { Measured } from "./alternate";
import { type Goal, isReached } from "./goal";
import type { Lab } from "./lab";
import type { Sweep } from "./sweep";

/** One figure of a run, as it stands in the JSON file. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  /** The same unit, measured in the same run. */
  reference: number;
  /** Value to reference. */
  ratio: number;
  /** Null where none is stated. */
  goal: Goal | null;
  met: boolean | null;
}

export interface Figures {
  rows: Row[];
  /** Each is drawn. */
  sweeps?: Sweep[];
}

export interface Benchmark {
  /** Of the rows that it measures together: `--only` takes any of them. */
  names: readonly string[];
  /** What is measured, and against what. */
  about: string;
  run(lab: Lab): Promise<Figures>;
}

export function rowOf(name: string, unit: string, measured: Measured, goal: Goal | null = null): Row {
  const { value, reference, ratio } = measured;
  return { name, value, unit, reference, ratio, goal, met: goal === null ? null : isReached(goal, { value, ratio }) };
}
