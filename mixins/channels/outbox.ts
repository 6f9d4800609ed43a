import type { DomainEvent } from "../../lib/contract";
import type { DeadLetterFilter } from "./dead-letter-box";
import type { DocumentTransaction } from "../documents/document-store";
import type { Transaction } from "../postgres/sql";

/** What `publish` writes. */
export interface OutboxEntry {
  event: DomainEvent;
  key: string;
  request_id: string | null;
  /** The aggregate's own number, where its store has no sequence. */
  seq?: number;
}

export type RowId = number | string;

/** An event that not every group has acknowledged yet. */
export interface OutboxRow {
  id: RowId;
  event: DomainEvent;
  key: string;
  request_id: string | null;
  /** Groups that have it. */
  acked: string[];
  /** How often each group refused it for a reason of its own. */
  faults: Record<string, number>;
  /** Rounds that some group failed. */
  attempts: number;
  /** The next older unsent row of the same aggregate. */
  previous: RowId | null;
}

export interface DeadLetter {
  row: OutboxRow;
  group: string;
  error: string;
}

/** A dead letter as its outbox keeps it. */
export interface StoredLetter {
  event: DomainEvent;
  group: string;
  key: string;
  error: string;
  /** ISO 8601, UTC. */
  failed_at: string;
}

/** What a batch of rows has come to, stored as one. */
export interface Settlement {
  sent: OutboxRow[];
  failed: { row: OutboxRow; acked: string[]; faults: Record<string, number>; retryInMs: number }[];
  /** Behind a failed one of their aggregate: not looked at again until that one is sent. */
  parked: OutboxRow[];
  dead: DeadLetter[];
}

/** An outbox whose only relay is this one. */
export interface HeldOutbox {
  /** New rows, and those whose time to be retried has come, less these; each aggregate's in its order. */
  read(less: ReadonlySet<RowId>, limit: number): Promise<OutboxRow[]>;
  settle(settlement: Settlement): Promise<void>;
  /** Frees parked rows that nothing stands before any more: somebody removed it by hand. */
  unparkOrphans(): Promise<void>;
}

export interface OutboxState {
  unsent: number;
  oldest_seconds: number;
  dead: number;
}

/** One outbox: a service's on one shard, or its documents'. */
export interface Outbox {
  /** Undefined, at once, where another relay holds it. */
  hold<T>(work: (held: HeldOutbox) => Promise<T>): Promise<T | undefined>;
  /** Lets go of what is kept from one `hold` to the next: for a relay that stops. */
  release(): Promise<void>;
  /** Whether `read` would find anything; cheap. */
  hasWork(): Promise<boolean>;
  /** Makes failed rows due now. */
  hasten(): Promise<void>;
  state(): Promise<OutboxState>;
  /** Those that were not given back, the oldest first. */
  letters(filter: DeadLetterFilter): Promise<StoredLetter[]>;
  /**
   * Makes the letter a row again, which these groups have already. False where that is not possible now: somebody else did it, or
   * the event is still on its way to another group.
   */
  giveBack(letter: StoredLetter, acked: readonly string[]): Promise<boolean>;
}

export type AnyTransaction = Transaction | DocumentTransaction;

/** Where a service keeps what it publishes and what it has handled. */
export interface Home {
  readonly outboxes: readonly Outbox[];
  /** In the order given. */
  write(tx: AnyTransaction, entries: readonly OutboxEntry[]): Promise<void>;
  /** False where this consumer's mark is there already. */
  mark(tx: AnyTransaction, consumer: string, eventId: string): Promise<boolean>;
  forgetMarks(olderThanDays: number): Promise<void>;
}
