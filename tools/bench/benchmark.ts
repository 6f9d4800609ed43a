import type { Lab } from "./lab";

/** One figure of a run, as it stands in the JSON file. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  /** The same unit, measured in the same run. */
  reference: number;
  /** Value to reference. */
  ratio: number;
  /** Least ratio that is aimed at; null where none is stated. */
  goal: number | null;
  met: boolean | null;
}

export interface Benchmark {
  name: string;
  /** What is measured, and against what. */
  about: string;
  run(lab: Lab): Promise<Row[]>;
}

export interface Measured {
  value: number;
  reference: number;
  ratio: number;
}

export function rowOf(name: string, unit: string, measured: Measured, goal: number | null = null): Row {
  const { value, reference, ratio } = measured;
  return { name, value, unit, reference, ratio, goal, met: goal === null ? null : ratio >= goal };
}
