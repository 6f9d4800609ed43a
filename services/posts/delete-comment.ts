import { ForbiddenError } from "../../lib/errors";
import { stampOf, touch } from "../../mixins/redis";
import * as comments from "./comments.repository";
import * as deletions from "./deletions.repository";
import { findVisible } from "./find-post";
import { BATCHES_IN_REQUEST, finishDeletion } from "./finish-deletion";
import { CommentNotFoundError, PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";

/** @throws {ForbiddenError} for all but its writer, the post's author and moderators. */
export async function deleteComment(
  store: PostsStore,
  asking: Asking,
  post_id: string,
  comment_id: string,
): Promise<void> {
  const { documents } = store;
  const viewer = asking.meta.viewer;
  const isModerator = viewer.role !== "user";
  // A moderator reaches what is out of their own sight too.
  const post = isModerator ? await posts.get(documents, post_id) : await findVisible(documents, asking, post_id);
  if (!post) throw new PostNotFoundError();
  const comment = await comments.get(documents, comment_id);
  if (comment?.post_id !== post_id) {
    const deletion = await deletions.find(documents, "comment", comment_id);
    if (deletion?.deleted_by !== viewer.id || deletion.post_id !== post_id) throw new CommentNotFoundError();
    // The first try may have come no further than its commit.
    await touch(store.stamps, [stampOf.post(post_id)]);
    return;
  }
  if (!isModerator && viewer.id !== comment.user_id && viewer.id !== post.user_id)
    throw new ForbiddenError("Only its writer and the author of the post may delete a comment.");
  await removeComment(store, comment_id, viewer.id, BATCHES_IN_REQUEST);
}

/** The comment goes with its place in the counts in one transaction; then its answers and likes, in bounded ones. */
export async function removeComment(
  { documents, changed }: PostsStore,
  comment_id: string,
  deleted_by: number,
  maxBatches?: number,
): Promise<void> {
  const deletion = await documents.transaction(async (tx) => {
    const comment = await comments.get(tx, comment_id);
    if (!comment) return undefined;
    const { post_id, parent_id } = comment;
    await comments.remove(tx, comment_id);
    await posts.change(tx, post_id, { increment: { comment_count: -1 } });
    changed.noteAfter(tx, post_id);
    if (parent_id !== null) await comments.change(tx, parent_id, { increment: { reply_count: -1 } });
    return deletions.note(tx, "comment", comment_id, { post_id, deleted_by });
  });
  if (deletion) await finishDeletion(documents, deletion, maxBatches);
}
