import type { CommentLikeDocument } from "./collections";
import * as commentLikes from "./comment-likes.repository";
import * as comments from "./comments.repository";
import { findVisibleComment } from "./find-comment";
import { CommentNotFoundError } from "./posts.errors";
import type { Asking, PostsStore } from "./posts-store";
import { refuseDeleted } from "./refuse-deleted";

/** The edge and the count beside it are one write. */
export async function setCommentLike(store: PostsStore, asking: Asking, comment_id: string, has_liked: boolean) {
  const { documents } = store;
  const viewerId = asking.meta.viewer.id;
  await findVisibleComment(documents, asking, comment_id);
  return documents.transaction(async (tx) => {
    await refuseDeleted(tx, viewerId);
    const comment = await comments.get(tx, comment_id);
    if (!comment) throw new CommentNotFoundError();
    const isChanged = has_liked
      ? await commentLikes.add(tx, comment, viewerId)
      : await commentLikes.remove(tx, comment_id, viewerId);
    if (!isChanged) return { has_liked, like_count: comment.like_count };
    const after = await comments.change(tx, comment_id, { increment: { like_count: has_liked ? 1 : -1 } });
    if (!after) throw new CommentNotFoundError();
    return { has_liked, like_count: after.like_count };
  });
}

export async function removeCommentLikes(
  { documents }: PostsStore,
  likes: readonly CommentLikeDocument[],
): Promise<void> {
  await documents.transaction(async (tx) => {
    for (const { comment_id, user_id } of likes)
      if (await commentLikes.remove(tx, comment_id, user_id))
        await comments.change(tx, comment_id, { increment: { like_count: -1 } });
  });
}
