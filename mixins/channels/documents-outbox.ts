import type { DomainEvent } from "../../lib/contract";
import type { CollectionSpec, Document, DocumentStore, DocumentTransaction } from "../documents/document-store";
import type { DeadLetterFilter } from "./dead-letter-box";
import type { HeldOutbox, Outbox, OutboxRow, OutboxState, RowId, Settlement, StoredLetter } from "./outbox";

/** Collections that a service with its outbox among documents declares beside its own. */
export const channelCollections: Record<"outbox" | "dead_letters" | "processed", CollectionSpec> = {
  outbox: {
    indexes: [
      ["retry_ms", "occurred_at"],
      ["aggregate_id", "seq"],
    ],
  },
  dead_letters: { indexes: [["failed_at"]] },
  processed: { indexes: [["processed_ms"]] },
};

/** Its `_id` is the event's. */
export interface StoredRow extends Document {
  aggregate_id: string;
  seq: number;
  topic: string;
  key: string;
  event: DomainEvent;
  request_id: string | null;
  acked: string[];
  faults: Record<string, number>;
  attempts: number;
  /** 0 for a new row, PARKED for one behind a failed one, else when to try again. */
  retry_ms: number;
  occurred_at: string;
}

interface BuriedRow extends Document, StoredLetter {
  topic: string;
  request_id: string | null;
}

const PARKED = Number.MAX_SAFE_INTEGER;

/** The outbox of documents on NeDB, which has one process, so that one relay is all there can be. */
export class DocumentsOutbox implements Outbox, HeldOutbox {
  constructor(private readonly documents: DocumentStore) {}

  hold<T>(work: (held: HeldOutbox) => Promise<T>): Promise<T | undefined> {
    return work(this);
  }

  async hasWork(): Promise<boolean> {
    // Index: retry_ms.
    return (await this.documents.count("outbox", { retry_ms: { $lte: Date.now() } })) > 0;
  }

  async hasten(): Promise<void> {
    const nowMs = Date.now();
    // Index: retry_ms.
    const failed = await this.documents.find<StoredRow>("outbox", { query: { retry_ms: { $gt: nowMs, $lt: PARKED } } });
    await this.setRetry(failed, nowMs);
  }

  async state(): Promise<OutboxState> {
    const [unsent, dead, oldest] = await Promise.all([
      this.documents.count("outbox", {}),
      this.documents.count("dead_letters", {}),
      this.documents.find<StoredRow>("outbox", { query: {}, sort: ["occurred_at"], limit: 1 }),
    ]);
    const sinceMs = oldest[0] ? Math.max(0, Date.now() - Date.parse(oldest[0].occurred_at)) : 0;
    return { unsent, dead, oldest_seconds: sinceMs / 1000 };
  }

  async letters({ group, topic, limit }: DeadLetterFilter): Promise<StoredLetter[]> {
    const query = { ...(group === undefined ? {} : { group }), ...(topic === undefined ? {} : { topic }) };
    // Index: failed_at.
    return this.documents.find<BuriedRow>("dead_letters", { query, sort: ["failed_at"], limit });
  }

  giveBack({ event, group }: StoredLetter, acked: readonly string[]): Promise<boolean> {
    return this.documents.transaction(async (tx) => {
      const letterId = `${event.event_id}:${group}`;
      const letter = await tx.get<BuriedRow>("dead_letters", letterId);
      if (letter === null) return false;
      const { topic, key, request_id } = letter;
      const { event_id, aggregate_id, occurred_at } = event;
      const isNew = await tx.insert<StoredRow>("outbox", {
        ...{ _id: event_id, aggregate_id, seq: Date.now(), topic, key, event, request_id },
        ...{ acked: [...acked], faults: {}, attempts: 0, retry_ms: 0, occurred_at },
      });
      if (isNew) await tx.remove("dead_letters", letterId);
      return isNew;
    });
  }

  async read(less: ReadonlySet<RowId>, limit: number): Promise<OutboxRow[]> {
    const nowMs = Date.now();
    // Index: retry_ms.
    const due = await this.documents.find<StoredRow>("outbox", {
      query: { retry_ms: { $lte: nowMs } },
      sort: ["occurred_at"],
      limit: limit + less.size,
    });
    const aggregates = new Set(due.filter(({ _id }) => !less.has(_id)).map(({ aggregate_id }) => aggregate_id));
    if (aggregates.size === 0) return [];
    // Whole aggregates, for that tells what stands before what. Index: aggregate_id.
    const all = await this.documents.find<StoredRow>("outbox", { query: { aggregate_id: { $in: [...aggregates] } } });
    return inOrder(all).filter(({ id, retryMs }) => retryMs <= nowMs && !less.has(id));
  }

  async settle({ sent, failed, parked, dead }: Settlement): Promise<void> {
    const freed = new Set(sent.filter(({ attempts }) => attempts > 0).map(({ event }) => event.aggregate_id));
    const waiting = await this.parkedOf(freed);
    await this.documents.transaction(async (tx) => {
      for (const { row, group, error } of dead) await bury(tx, row, group, error);
      for (const { id } of sent) await tx.remove("outbox", String(id));
      for (const { row, acked, faults, retryInMs } of failed) {
        const set = { acked, faults, attempts: row.attempts + 1, retry_ms: Date.now() + retryInMs };
        await tx.update<StoredRow>("outbox", String(row.id), { set });
      }
      for (const { id, event } of parked) {
        const set = { retry_ms: freed.has(event.aggregate_id) ? 0 : PARKED };
        await tx.update<StoredRow>("outbox", String(id), { set });
      }
      for (const { _id } of waiting) await tx.update<StoredRow>("outbox", _id, { set: { retry_ms: 0 } });
    });
  }

  async unparkOrphans(): Promise<void> {
    // Index: retry_ms. Those that still stand behind a failed one are parked again when they are read.
    await this.setRetry(await this.documents.find<StoredRow>("outbox", { query: { retry_ms: PARKED } }), 0);
  }

  private async parkedOf(aggregates: ReadonlySet<string>): Promise<StoredRow[]> {
    if (aggregates.size === 0) return [];
    // Index: aggregate_id.
    const query = { aggregate_id: { $in: [...aggregates] }, retry_ms: PARKED };
    return this.documents.find<StoredRow>("outbox", { query });
  }

  private async setRetry(rows: StoredRow[], retry_ms: number): Promise<void> {
    if (rows.length === 0) return;
    await this.documents.transaction(async (tx) => {
      for (const { _id } of rows) await tx.update<StoredRow>("outbox", _id, { set: { retry_ms } });
    });
  }
}

/** By aggregate and its own number, each with the one before it. */
function inOrder(rows: StoredRow[]): (OutboxRow & { retryMs: number })[] {
  const last = new Map<string, string>();
  return rows
    .sort((a, b) => a.seq - b.seq)
    .map(({ _id, aggregate_id, event, key, request_id, acked, faults, attempts, retry_ms }) => {
      const previous = last.get(aggregate_id) ?? null;
      last.set(aggregate_id, _id);
      return { id: _id, event, key, request_id, acked, faults, attempts, previous, retryMs: retry_ms };
    });
}

async function bury(tx: DocumentTransaction, row: OutboxRow, group: string, error: string): Promise<void> {
  await tx.insert<BuriedRow>("dead_letters", {
    _id: `${row.event.event_id}:${group}`,
    group,
    topic: row.event.type,
    key: row.key,
    event: row.event,
    request_id: row.request_id,
    error,
    failed_at: new Date().toISOString(),
  });
}
