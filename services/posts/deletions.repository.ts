import type { DocumentStore, DocumentTransaction, Reader } from "../../mixins/documents";
import type { DeletionDocument } from "./collections";

type Kind = DeletionDocument["kind"];

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A user's outlives every repeat of `user.deleted`; the others the repeats of a request. */
const keptMs: Record<Kind, number> = { post: DAY_MS, comment: DAY_MS, user: 14 * DAY_MS };

const idOf = (kind: Kind, subjectId: string | number) => `${kind}:${subjectId}`;

/** Notes a deletion in the transaction that makes it; who made it sees to the rest, and after a minute the sweeper does. */
export async function note(
  tx: DocumentTransaction,
  kind: Kind,
  subjectId: string | number,
  more: { post_id: string | null; deleted_by: number },
): Promise<DeletionDocument> {
  const deletion: DeletionDocument = {
    _id: idOf(kind, subjectId),
    kind,
    subject_id: String(subjectId),
    ...more,
    is_done: false,
    due_at: new Date(Date.now() + MINUTE_MS),
  };
  await tx.insert("deletions", deletion);
  return deletion;
}

export function find(reader: Reader, kind: Kind, subjectId: string | number): Promise<DeletionDocument | null> {
  return reader.get<DeletionDocument>("deletions", idOf(kind, subjectId));
}

export function due(documents: DocumentStore, now: Date, limit: number): Promise<DeletionDocument[]> {
  // (due_at)
  return documents.find<DeletionDocument>("deletions", { query: { due_at: { $lte: now } }, sort: ["due_at"], limit });
}

/** From here on it is a tombstone only. */
export async function finish(tx: DocumentTransaction, deletion: DeletionDocument): Promise<void> {
  const due_at = new Date(Date.now() + keptMs[deletion.kind]);
  await tx.update<DeletionDocument>("deletions", deletion._id, { set: { is_done: true, due_at } });
}

export function forget(tx: DocumentTransaction, deletion: DeletionDocument): Promise<boolean> {
  return tx.remove("deletions", deletion._id);
}
