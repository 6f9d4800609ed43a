import type { Change, DocumentStore, DocumentTransaction, Reader } from "../../mixins/documents";
import type { CommentDocument } from "./collections";
import { newerThan, oldestFirst, type Position } from "./positions";

export function get(reader: Reader, comment_id: string): Promise<CommentDocument | null> {
  return reader.get<CommentDocument>("comments", comment_id);
}

export function insert(tx: DocumentTransaction, comment: CommentDocument): Promise<boolean> {
  return tx.insert("comments", comment);
}

export function change(
  tx: DocumentTransaction,
  comment_id: string,
  change: Change<CommentDocument>,
): Promise<CommentDocument | null> {
  return tx.update<CommentDocument>("comments", comment_id, change);
}

export function remove(tx: DocumentTransaction, comment_id: string): Promise<boolean> {
  return tx.remove("comments", comment_id);
}

export function listOfThread(
  documents: DocumentStore,
  asked: { thread_id: string; after: Position | undefined; limit: number },
): Promise<CommentDocument[]> {
  // (thread_id, created_at, _id)
  return documents.find<CommentDocument>("comments", {
    query: { thread_id: asked.thread_id, ...newerThan(asked.after) },
    sort: oldestFirst,
    limit: asked.limit,
  });
}

export function someOfUser(documents: DocumentStore, user_id: number, limit: number): Promise<CommentDocument[]> {
  // (user_id)
  return documents.find<CommentDocument>("comments", { query: { user_id }, limit });
}
