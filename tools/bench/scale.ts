/** An axis from zero in steps of 1, 2 or 5 times a power of ten, so that a small difference does not look large. */
export function scaleOf(values: readonly number[]): { top: number; ticks: number[] } {
  const highest = Math.max(...values.filter(Number.isFinite), Number.MIN_VALUE);
  const rough = highest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const count = Math.ceil(highest / step);
  return { top: count * step, ticks: Array.from({ length: count + 1 }, (_, i) => i * step) };
}

/** Three digits that count, with k and M: 0.012, 4.5, 120, 1.5k, 2M. */
export function shortNumber(value: number): string {
  const [size, suffix] = value >= 1e6 ? [1e6, "M"] : value >= 1e3 ? [1e3, "k"] : [1, ""];
  return `${Number((value / size).toPrecision(3))}${suffix}`;
}
