import type { Round } from "../faults";
import type { TortureOptions } from "../run";
import { isNode, type Target } from "../targets";

/** A change of the compiled product, or of its SQL, that takes one protection away. */
export interface Edit {
  /** Below the project's root. */
  file: string;
  /** Stands there once, or the mutant no longer applies. */
  find: string;
  put: string;
}

/** The smallest run that exposes it for sure, and that the product as it is passes. */
export type Scenario = Pick<
  TortureOptions,
  "seed" | "seconds" | "mix" | "faults" | "people" | "postsPerSecond" | "settleSeconds"
>;

export interface Mutant {
  name: string;
  /** What it takes away, in a sentence. */
  about: string;
  edits: readonly Edit[];
  scenario: Scenario;
}

const all = ["auth", "graph", "media", "posts", "newsfeed", "discovery"];

/** Two nodes of everything: the fewest on which relays, consumers and rebuilds meet. */
export const mutantFleet: readonly (readonly string[])[] = [all, all, ["api"]];

/** Both nodes of services die at this place. */
export function diesAt(failpoint: string): (targets: readonly Target[]) => Round[] {
  return (targets) => {
    const nodes = targets.filter(isNode).filter(({ node }) => node.services.includes("posts"));
    return [[{ dying: nodes.map((target) => ({ target, failpoint })), peers: [] }]];
  };
}

export const noFaults = (): Round[] => [];
