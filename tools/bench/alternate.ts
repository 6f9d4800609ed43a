import { progress } from "../progress";

export const ROUNDS = 5;

/** One measurement of several figures by name. */
export type Sample = Record<string, number>;

/** A figure of ours beside what it is held against. */
export interface Measured {
  value: number;
  reference: number;
  ratio: number;
}

export interface Sides {
  ours(round: number): Promise<Sample>;
  reference(round: number): Promise<Sample>;
}

/**
 * Measures both sides in turn, the one that begins changing with each round, after a round that does not count. Of each
 * figure: the medians of both, and the median of the ratios of the rounds, so that what slows a whole round harms nothing.
 */
export async function alternate(title: string, sides: Sides, warmUps = 1): Promise<Record<string, Measured>> {
  const shown = progress(title, warmUps + ROUNDS);
  const rounds: { ours: Sample; reference: Sample }[] = [];
  for (let round = -warmUps; round < ROUNDS; round++) {
    const ours = round % 2 === 0 ? await sides.ours(round) : undefined;
    const reference = await sides.reference(round);
    const sample = { ours: ours ?? (await sides.ours(round)), reference };
    if (round >= 0) rounds.push(sample);
    shown.advance();
  }
  shown.end();
  const names = Object.keys(rounds[0]?.ours ?? {});
  return Object.fromEntries(
    names.map((name) => {
      const of = (pick: (round: { ours: Sample; reference: Sample }) => number): number => median(rounds.map(pick));
      const value = of(({ ours }) => ours[name]!);
      const reference = of(({ reference }) => reference[name]!);
      return [name, { value, reference, ratio: of(({ ours, reference }) => ours[name]! / reference[name]!) }];
    }),
  );
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The value below which this part of the sorted values lies. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!;
}
