import type { Backlog } from "./channels";
import type { OutboxEntry } from "./outbox";
import type { Transport } from "./transport";

/** How the events of one service travel, to others and from them. */
export interface Delivery {
  readonly transport: Transport;
  /** Tells those outside of Moleculer, once and without waiting. */
  hint(make: () => OutboxEntry): void;
  /** Events may come from now on. */
  start(): void;
  /** Finishes what has come, and takes nothing more. */
  stopReceiving(): Promise<void>;
  close(): Promise<void>;
  backlog(): Promise<Backlog>;
}
