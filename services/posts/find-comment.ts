import type { Reader } from "../../mixins/documents";
import type { CommentDocument } from "./collections";
import * as comments from "./comments.repository";
import { findVisible } from "./find-post";
import { CommentNotFoundError, PostNotFoundError } from "./posts.errors";
import type { Asking } from "./posts-store";
import { visibilityOf } from "./visible-authors";

/** @throws {CommentNotFoundError} also for one whose post or writer is out of the viewer's sight. */
export async function findVisibleComment(reader: Reader, asking: Asking, comment_id: string): Promise<CommentDocument> {
  const comment = await comments.get(reader, comment_id);
  if (!comment) throw new CommentNotFoundError();
  try {
    await findVisible(reader, asking, comment.post_id);
  } catch (error) {
    // The post was not asked for: its error would tell that the comment exists.
    throw error instanceof PostNotFoundError ? new CommentNotFoundError() : error;
  }
  await assertWriterVisible(asking, comment);
  return comment;
}

/** A comment of a post that the viewer may see. @throws {CommentNotFoundError} */
export async function findCommentOf(
  reader: Reader,
  asking: Asking,
  post_id: string,
  comment_id: string,
): Promise<CommentDocument> {
  const comment = await comments.get(reader, comment_id);
  if (comment?.post_id !== post_id) throw new CommentNotFoundError();
  await assertWriterVisible(asking, comment);
  return comment;
}

async function assertWriterVisible(asking: Asking, { user_id }: CommentDocument): Promise<void> {
  if ((await visibilityOf(asking, [user_id]))(user_id) === "none") throw new CommentNotFoundError();
}
