import * as deletions from "./deletions.repository";
import { removeSome } from "./edges.repository";
import { finishDeletion } from "./finish-deletion";
import { forgetUser } from "./forget-user";
import * as idempotency from "./idempotency.repository";
import type { PostsStore } from "./posts-store";

const BATCH = 200;

/** Finishes deletions that a crash or their size left, and forgets tombstones and idempotency keys whose time is over. */
export async function sweep(store: PostsStore, now = Date.now()): Promise<void> {
  const { documents } = store;
  for (const deletion of await deletions.due(documents, new Date(now), BATCH)) {
    if (deletion.is_done) await documents.transaction((tx) => deletions.forget(tx, deletion));
    else if (deletion.kind === "user") {
      // Once more after a minute, for a write of theirs that ran beside the first time.
      await forgetUser(store, Number(deletion.subject_id));
      await documents.transaction((tx) => deletions.finish(tx, deletion));
    } else await finishDeletion(documents, deletion);
  }
  while ((await removeSome(documents, "idempotency", idempotency.outdated(now), BATCH)) === BATCH);
}
