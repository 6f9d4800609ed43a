import { applyMutant } from "./mutants/apply-mutant";
import { type Mutant, mutantFleet } from "./mutants/mutant";
import { noReadTimeFilter } from "./mutants/no-read-time-filter";
import { noReadyMarker } from "./mutants/no-ready-marker";
import { noUniqueKey } from "./mutants/no-unique-key";
import { noVersionCheck } from "./mutants/no-version-check";
import { offsetBeforeEffect } from "./mutants/offset-before-effect";
import { publishWithoutOutbox } from "./mutants/publish-without-outbox";
import { relayWithoutLock } from "./mutants/relay-without-lock";
import { historyFile, torture, type TortureResult } from "./run";

/** One for each protection of the promises: each takes it away, and must be caught. */
export const mutants: readonly Mutant[] = [
  offsetBeforeEffect,
  publishWithoutOutbox,
  noUniqueKey,
  noReadyMarker,
  noReadTimeFilter,
  noVersionCheck,
  relayWithoutLock,
];

/** Runs a mutant's scenario, on the mutant itself or on the product as it is. */
export async function runScenario(mutant: Mutant, folder: string, isMutated: boolean): Promise<TortureResult> {
  const applied = isMutated ? await applyMutant(mutant) : undefined;
  try {
    const file = historyFile(folder, mutant.scenario.seed);
    return await torture({ ...mutant.scenario, plan: mutantFleet, dist: applied?.dist, file, replays: false });
  } finally {
    await applied?.remove();
  }
}
