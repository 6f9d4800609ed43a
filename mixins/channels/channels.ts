import type { DomainEvent } from "../../lib/contract";
import type { EventData, Topic } from "../../services/contracts";
import type { DocumentTransaction } from "../documents/document-store";
import type { Transaction } from "../postgres/sql";
import type { DeadLetterEntry, DeadLetterFilter } from "./dead-letter-box";

/** Where a service keeps its outbox: beside its facts, or nowhere when it only consumes. */
export type OutboxHome = "postgres" | "documents" | "none";

/** What `channels(home)` gives a service. Handlers stand in its schema: `channels: { "post.created": handler }`. */
export interface Channels {
  /**
   * Writes an event into the outbox of this transaction: it is delivered, at least once, if and only if the transaction commits.
   * Call it after the aggregate's row is locked by the same transaction, for that is what keeps an aggregate's events in order.
   * `seq`, in the documents store, is the aggregate's own number, raised by the same transaction.
   */
  publish<T extends Topic>(
    tx: Transaction | DocumentTransaction,
    topic: T,
    data: EventData<T>,
    options?: { seq?: number },
  ): Promise<void>;

  /** Publishes many events of one topic, in the order given: one statement where the store has such. */
  publishMany<T extends Topic>(
    tx: Transaction | DocumentTransaction,
    topic: T,
    data: readonly EventData<T>[],
  ): Promise<void>;

  /**
   * Tells every node straight, by Moleculer's event of this name, and Kafka where there is one. May be lost: nothing may rest on it.
   * `key` says what it is about; on Kafka it chooses the partition.
   */
  hint<T extends Topic>(topic: T, key: string | number, data: EventData<T>): void;

  /**
   * True the first time that this service's `consumer` sees the event, and remembered in the same transaction as its effect
   * (kept for 14 days). For handlers that no natural key makes idempotent.
   */
  once(tx: Transaction | DocumentTransaction, event: DomainEvent<unknown>, consumer: string): Promise<boolean>;

  /** Delivers what the outbox of this service holds now, and answers when it is empty or nothing more can be delivered. */
  drainOutbox(): Promise<void>;

  /** Rows not yet sent. */
  outboxState(): Promise<{ unsent: number; oldest_seconds: number; dead: number }>;

  /** Dead letters of this service's outbox, the oldest first. */
  deadLetters(filter: DeadLetterFilter): Promise<DeadLetterEntry[]>;

  /** Gives these to their group, and to it alone, once more. Answers those that are on their way. */
  replayDeadLetters(filter: DeadLetterFilter): Promise<DeadLetterEntry[]>;

  /** Events that left their outboxes and that this service has still to handle. */
  backlog(): Promise<Backlog>;
}

/** Nothing is on its way when none waits, and a moment later none does either and none was written meanwhile. */
export interface Backlog {
  waiting: number;
  /** How many there ever were. */
  written: number;
}
