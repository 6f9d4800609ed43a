import type { OutboxRow } from "./outbox";

export interface Outcome {
  row: OutboxRow;
  /** All groups that have it now. */
  acked: string[];
  failures: { group: string; error: unknown }[];
}

/** How events reach their groups. Never rejects: what failed stands in the outcome. */
export interface Transport {
  /** Aggregates that are sent at once. */
  readonly concurrency: number;
  /** Sends rows of one aggregate in this order. Ends with the first that not all acknowledged; later ones have no outcome. */
  send(rows: readonly OutboxRow[]): Promise<Outcome[]>;
}
