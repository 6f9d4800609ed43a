import { ForbiddenError } from "../../lib/errors";
import type { Reader } from "../../mixins/documents";
import type { PostDocument } from "./collections";
import { PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking } from "./posts-store";
import { visibilityOf } from "./visible-authors";

/** @throws {PostNotFoundError} also for what the viewer may not know of. */
export async function findVisible(reader: Reader, asking: Asking, post_id: string): Promise<PostDocument> {
  const post = await posts.get(reader, post_id);
  if (!post) throw new PostNotFoundError();
  const isOwn = post.user_id === asking.meta.viewer.id;
  if (!isOwn && post.is_hidden) throw new PostNotFoundError();
  if ((await visibilityOf(asking, [post.user_id]))(post.user_id) !== "full") throw new PostNotFoundError();
  return post;
}

/** @throws {PostNotFoundError | ForbiddenError} the latter for a post that the viewer may see and does not own. */
export async function findOwn(reader: Reader, asking: Asking, post_id: string): Promise<PostDocument> {
  const post = await findVisible(reader, asking, post_id);
  if (post.user_id !== asking.meta.viewer.id) throw new ForbiddenError("Only its author may do this with a post.");
  return post;
}
