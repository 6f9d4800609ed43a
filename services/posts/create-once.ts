import { createHash } from "node:crypto";
import { DomainError, IdempotencyKeyReusedError, UnavailableError } from "../../lib/errors";
import { newId } from "../../lib/ids";
import type { DocumentTransaction } from "../../mixins/documents";
import * as idempotency from "./idempotency.repository";
import type { PostsStore } from "./posts-store";

interface Asked {
  viewerId: number;
  action: string;
  key: string | undefined;
  /** What the key stands for. */
  body: readonly unknown[];
}

/** Says in the transaction of the write whether it is this caller's to make. */
export type Claim = (tx: DocumentTransaction) => Promise<boolean>;

class ReservationLost extends Error {}

/** However often one request comes, also side by side or after a crash, `create` stores one thing, and each is answered its id. */
export async function createOnce(
  { documents }: PostsStore,
  asked: Asked,
  create: (id: string, claim: Claim) => Promise<void>,
): Promise<string> {
  if (asked.key === undefined) {
    const id = newId();
    await create(id, async () => true);
    return id;
  }
  const id = `${asked.viewerId}:${asked.action}:${asked.key}`;
  const body_hash = createHash("sha256").update(JSON.stringify(asked.body)).digest("hex");
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const reserved = await idempotency.reserve(documents, { id, user_id: asked.viewerId, body_hash });
    if (reserved.body_hash !== body_hash) throw new IdempotencyKeyReusedError();
    if (reserved.is_done) return reserved.result_id;
    try {
      // Who comes while another runs does the same work under the same id: the first to commit has made it for both.
      await create(reserved.result_id, async (tx) => {
        const outcome = await idempotency.complete(tx, reserved);
        if (outcome === "lost") throw new ReservationLost();
        return outcome === "mine";
      });
      return reserved.result_id;
    } catch (error) {
      if (error instanceof ReservationLost) continue;
      if (error instanceof DomainError && error.code < 500) await idempotency.giveUp(documents, reserved);
      throw error;
    }
  }
  throw new UnavailableError();
}
