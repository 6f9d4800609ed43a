import type { DomainEvent } from "../../lib/contract";
import type { CollectionSpec, Document, DocumentStore } from "../documents/document-store";
import type { StoredLetter } from "./outbox";

type Collection = "outbox" | "dead_letters" | "processed" | "leases";

/** Collections that a service with its outbox among documents declares beside its own. */
export const channelCollections: Record<Collection, CollectionSpec> = {
  outbox: {
    indexes: [["retry_ms", "occurred_at"], ["aggregate_id", "seq"], ["occurred_at"]],
  },
  dead_letters: { indexes: [["failed_at"]] },
  processed: { indexes: [["processed_ms"]] },
  leases: { indexes: [] },
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

export interface BuriedRow extends Document, StoredLetter {
  topic: string;
  request_id: string | null;
}

export const PARKED = Number.MAX_SAFE_INTEGER;

export async function setRetry(documents: DocumentStore, rows: StoredRow[], retry_ms: number): Promise<void> {
  await documents.transaction(async (tx) => {
    for (const { _id } of rows) await tx.update<StoredRow>("outbox", _id, { set: { retry_ms } });
  });
}
