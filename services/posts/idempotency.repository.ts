import { newId } from "../../lib/ids";
import type { DocumentStore, DocumentTransaction } from "../../mixins/documents";
import type { IdempotencyDocument } from "./collections";

const KEPT_MS = 24 * 60 * 60 * 1000;

/** Stores who will bear the result of this request, or answers what was stored at the first asking. */
export function reserve(
  documents: DocumentStore,
  asked: { id: string; user_id: number; body_hash: string },
): Promise<IdempotencyDocument> {
  return documents.transaction(async (tx) => {
    const before = await tx.get<IdempotencyDocument>("idempotency", asked.id);
    if (before && before.created_at.getTime() > Date.now() - KEPT_MS) return before;
    if (before) await tx.remove("idempotency", before._id);
    const reserved: IdempotencyDocument = {
      _id: asked.id,
      user_id: asked.user_id,
      body_hash: asked.body_hash,
      result_id: newId(),
      is_done: false,
      created_at: new Date(),
    };
    await tx.insert("idempotency", reserved);
    return reserved;
  });
}

/** "lost": somebody gave the reservation up meanwhile. "done": somebody else stored the result. */
export async function complete(
  tx: DocumentTransaction,
  reserved: IdempotencyDocument,
): Promise<"mine" | "done" | "lost"> {
  const now = await tx.get<IdempotencyDocument>("idempotency", reserved._id);
  if (now?.result_id !== reserved.result_id) return "lost";
  if (now.is_done) return "done";
  await tx.update<IdempotencyDocument>("idempotency", reserved._id, { set: { is_done: true } });
  return "mine";
}

/** After a refusal: the same key may come again with a better body. */
export async function giveUp(documents: DocumentStore, reserved: IdempotencyDocument): Promise<void> {
  await documents.transaction(async (tx) => {
    const now = await tx.get<IdempotencyDocument>("idempotency", reserved._id);
    if (now?.result_id === reserved.result_id && !now.is_done) await tx.remove("idempotency", reserved._id);
  });
}

export function outdated(now: number) {
  return { created_at: { $lte: new Date(now - KEPT_MS) } };
}
