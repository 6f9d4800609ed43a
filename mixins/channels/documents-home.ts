import type { Document, DocumentStore, DocumentTransaction } from "../documents/document-store";
import { DocumentsOutbox } from "./documents-outbox";
import type { StoredRow } from "./documents-rows";
import type { AnyTransaction, Home, OutboxEntry } from "./outbox";

const DAY_MS = 86_400_000;
const SWEEP_DOCUMENTS = 500;
/** Numbers a millisecond, for events that bring no number of their own. */
const NUMBERS_A_MS = 1_000;

interface Mark extends Document {
  processed_ms: number;
}

export class DocumentsHome implements Home {
  readonly outboxes: readonly DocumentsOutbox[];
  private lastSeq = 0;

  constructor(private readonly documents: DocumentStore) {
    this.outboxes = [new DocumentsOutbox(documents)];
  }

  async write(tx: AnyTransaction, entries: readonly OutboxEntry[]): Promise<void> {
    for (const entry of entries) await this.writeOne(tx, entry);
  }

  private async writeOne(tx: AnyTransaction, { event, key, request_id, seq }: OutboxEntry): Promise<void> {
    await documentsOf(tx).insert<StoredRow>("outbox", {
      _id: event.event_id,
      aggregate_id: event.aggregate_id,
      seq: seq ?? this.nextSeq(),
      topic: event.type,
      key,
      event,
      request_id,
      acked: [],
      faults: {},
      attempts: 0,
      retry_ms: 0,
      occurred_at: event.occurred_at,
    });
  }

  mark(tx: AnyTransaction, consumer: string, eventId: string): Promise<boolean> {
    return documentsOf(tx).insert<Mark>("processed", { _id: `${eventId}:${consumer}`, processed_ms: Date.now() });
  }

  async forgetMarks(olderThanDays: number): Promise<void> {
    const query = { processed_ms: { $lt: Date.now() - olderThanDays * DAY_MS } };
    for (;;) {
      // Index: processed_ms.
      const old = await this.documents.find<Mark>("processed", { query, limit: SWEEP_DOCUMENTS });
      if (old.length === 0) return;
      await this.documents.transaction(async (tx) => {
        const ids = old.map(({ _id }) => _id);
        await tx.removeMany("processed", ids);
      });
    }
  }

  /** Rises also over a restart: by the clock, and by one where the clock stands. */
  private nextSeq(): number {
    this.lastSeq = Math.max(this.lastSeq + 1, Date.now() * NUMBERS_A_MS);
    return this.lastSeq;
  }
}

function documentsOf(tx: AnyTransaction): DocumentTransaction {
  if ("insert" in tx) return tx;
  throw new TypeError("This service keeps its events among documents, and this is a transaction of PostgreSQL.");
}
