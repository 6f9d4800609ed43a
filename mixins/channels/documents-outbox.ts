import type { DocumentStore } from "../documents/document-store";
import type { DeadLetterFilter } from "./dead-letter-box";
import { type BuriedRow, PARKED, setRetry, type StoredRow } from "./documents-rows";
import { HeldDocumentsOutbox } from "./held-documents-outbox";
import type { HeldOutbox, Outbox, OutboxState, StoredLetter } from "./outbox";
import { OutboxLease } from "./outbox-lease";

const SWEEP_DOCUMENTS = 500;

/** The outbox among a service's documents. In a store of one process one relay is all there can be; elsewhere it needs the lease. */
export class DocumentsOutbox implements Outbox {
  private readonly lease: OutboxLease | undefined;
  private readonly held: HeldOutbox;

  constructor(private readonly documents: DocumentStore) {
    this.lease = documents.isShared ? new OutboxLease(documents, "outbox") : undefined;
    this.held = new HeldDocumentsOutbox(documents, this.lease);
  }

  hold<T>(work: (held: HeldOutbox) => Promise<T>): Promise<T | undefined> {
    return this.lease ? this.lease.hold(() => work(this.held)) : work(this.held);
  }

  async release(): Promise<void> {
    await this.lease?.release();
  }

  async hasWork(): Promise<boolean> {
    // Index: retry_ms.
    const due = await this.documents.find("outbox", { query: { retry_ms: { $lte: Date.now() } }, limit: 1 });
    return due.length > 0;
  }

  async hasten(): Promise<void> {
    const nowMs = Date.now();
    const query = { retry_ms: { $gt: nowMs, $lt: PARKED } };
    for (;;) {
      // Index: retry_ms.
      const failed = await this.documents.find<StoredRow>("outbox", { query, limit: SWEEP_DOCUMENTS });
      if (failed.length === 0) return;
      await setRetry(this.documents, failed, nowMs);
    }
  }

  async state(): Promise<OutboxState> {
    // Index: occurred_at.
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
}
