import type { DocumentStore } from "../../mixins/documents";
import type { CommentDocument } from "./collections";
import * as commentLikes from "./comment-likes.repository";
import { facesOf } from "./hydrate-posts";
import type { Comment } from "./posts.contract";
import type { Asking } from "./posts-store";
import { visibilityOf } from "./visible-authors";

/**
 * Each of these comments as the viewer sees it, or undefined where its writer is gone for them. What a private account
 * writes on somebody's post is seen by all who see the post.
 */
export async function presentComments(
  documents: DocumentStore,
  asking: Asking,
  comments: readonly CommentDocument[],
): Promise<(Comment | undefined)[]> {
  if (comments.length === 0) return [];
  const writers = comments.map((comment) => comment.user_id);
  const ids = comments.map((comment) => comment._id);
  const [faces, visibility, liked] = await Promise.all([
    facesOf(asking, writers),
    visibilityOf(asking, writers),
    commentLikes.among(documents, ids, asking.meta.viewer.id),
  ]);
  return comments.map((comment) => {
    const author = faces.get(comment.user_id);
    if (!author || visibility(comment.user_id) === "none") return undefined;
    return {
      id: comment._id,
      post_id: comment.post_id,
      parent_id: comment.parent_id,
      text: comment.text,
      mentions: comment.mentions,
      like_count: comment.like_count,
      reply_count: comment.reply_count,
      created_at: comment.created_at.toISOString(),
      author,
      viewer: { has_liked: liked.has(comment._id) },
    };
  });
}
