import type { Page } from "../../lib/fields";
import * as comments from "./comments.repository";
import { fillPage } from "./fill-page";
import { findCommentOf } from "./find-comment";
import { findVisible } from "./find-post";
import type { Comment } from "./posts.contract";
import type { Asking, PostsStore } from "./posts-store";
import { positionOf } from "./positions";
import { presentComments } from "./present-comments";

/** A post's comments, or one comment's answers. */
export async function listComments(
  { documents }: PostsStore,
  asking: Asking,
  asked: { post_id: string; parent_id?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<Page<Comment>> {
  const { post_id, parent_id } = asked;
  await findVisible(documents, asking, post_id);
  if (parent_id !== undefined) await findCommentOf(documents, asking, post_id, parent_id);
  const thread_id = parent_id ?? post_id;
  return fillPage(asked, {
    load: (after, limit) => comments.listOfThread(documents, { thread_id, after, limit }),
    present: (rows) => presentComments(documents, asking, rows),
    positionOf,
  });
}
