import type { DocumentStore, DocumentTransaction, Reader } from "../../mixins/documents";
import type { CommentDocument, CommentLikeDocument } from "./collections";

const idOf = (comment_id: string, user_id: number) => `${comment_id}:${user_id}`;

/** False where it was there. */
export function add(tx: DocumentTransaction, comment: CommentDocument, user_id: number): Promise<boolean> {
  const like: CommentLikeDocument = {
    _id: idOf(comment._id, user_id),
    comment_id: comment._id,
    root_id: comment.parent_id ?? comment._id,
    post_id: comment.post_id,
    user_id,
    created_at: new Date(),
  };
  return tx.insert("comment_likes", like);
}

/** False where there was none. */
export function remove(tx: DocumentTransaction, comment_id: string, user_id: number): Promise<boolean> {
  return tx.remove("comment_likes", idOf(comment_id, user_id));
}

/** Which of these comments the user likes. */
export async function among(reader: Reader, comment_ids: readonly string[], user_id: number): Promise<Set<string>> {
  const ids = comment_ids.map((comment_id) => idOf(comment_id, user_id));
  const found = await reader.getMany<CommentLikeDocument>("comment_likes", ids);
  return new Set(found.map((like) => like.comment_id));
}

export function someOfUser(documents: DocumentStore, user_id: number, limit: number): Promise<CommentLikeDocument[]> {
  // (user_id)
  return documents.find<CommentLikeDocument>("comment_likes", { query: { user_id }, limit });
}
