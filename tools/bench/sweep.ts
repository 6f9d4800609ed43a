/** One quantity measured over a series of cases, for each of what is compared. Drawn into `bench/<name>.svg`. */
export interface Sweep {
  name: string;
  title: string;
  /** Lines where the cases are sizes, in rising order and drawn at even distances; bars where they are kinds. */
  kind: "lines" | "bars";
  x: { label: string; cases: readonly (number | string)[] };
  y: { label: string; unit: string };
  /** Each with a value for every case. */
  series: readonly { label: string; values: readonly number[] }[];
}
