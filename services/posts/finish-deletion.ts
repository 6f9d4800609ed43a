import type { DocumentStore } from "../../mixins/documents";
import type { DeletionDocument } from "./collections";
import * as comments from "./comments.repository";
import * as deletions from "./deletions.repository";
import { removeSome } from "./edges.repository";
import * as posts from "./posts.repository";

const BATCH = 200;
/** A request removes no more itself: the sweeper does the rest. */
export const BATCHES_IN_REQUEST = 20;

/**
 * Removes what hangs on a deleted post or comment, a bounded batch a transaction. Answers false where `maxBatches` were
 * too few. Doing it again, or beside another, changes nothing more.
 */
export async function finishDeletion(
  documents: DocumentStore,
  deletion: DeletionDocument,
  maxBatches = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  let batches = 0;
  for (const removeBatch of batchesOf(documents, deletion)) {
    let removed = BATCH;
    while (removed === BATCH) {
      if (batches === maxBatches) return false;
      batches += 1;
      removed = await removeBatch();
    }
  }
  await documents.transaction((tx) => deletions.finish(tx, deletion));
  return true;
}

/** In an order that leaves nothing to which more could be added: likes of comments go after the comments. */
function batchesOf(documents: DocumentStore, { kind, subject_id, post_id }: DeletionDocument) {
  if (kind === "post")
    return ["comments", "comment_likes", "likes", "saves", "views"].map(
      (collection) => () => removeSome(documents, collection, { post_id: subject_id }, BATCH),
    );
  return [
    () => removeReplies(documents, subject_id, post_id ?? ""),
    () => removeSome(documents, "comment_likes", { root_id: subject_id }, BATCH),
    () => removeSome(documents, "comment_likes", { comment_id: subject_id }, BATCH),
  ];
}

async function removeReplies(documents: DocumentStore, comment_id: string, post_id: string): Promise<number> {
  const replies = await comments.listOfThread(documents, { thread_id: comment_id, after: undefined, limit: BATCH });
  if (replies.length > 0)
    await documents.transaction(async (tx) => {
      let removed = 0;
      for (const reply of replies) if (await comments.remove(tx, reply._id)) removed += 1;
      await posts.change(tx, post_id, { increment: { comment_count: -removed } });
    });
  return replies.length;
}
