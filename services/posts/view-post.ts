import type { EdgeDocument } from "./collections";
import * as edges from "./edges.repository";
import { findVisible } from "./find-post";
import { PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";
import { refuseDeleted } from "./refuse-deleted";

/** Counts each viewer once, the author too. */
export async function viewPost({ documents }: PostsStore, asking: Asking, post_id: string) {
  await findVisible(documents, asking, post_id);
  return documents.transaction(async (tx) => {
    await refuseDeleted(tx, asking.meta.viewer.id);
    const isNew = await edges.add(tx, "views", post_id, asking.meta.viewer.id);
    const post = isNew
      ? await posts.change(tx, post_id, { increment: { view_count: 1 } })
      : await posts.get(tx, post_id);
    if (!post) throw new PostNotFoundError();
    return { view_count: post.view_count };
  });
}

export async function removeViews({ documents }: PostsStore, views: readonly EdgeDocument[]): Promise<void> {
  await documents.transaction(async (tx) => {
    for (const { post_id, user_id } of views)
      if (await edges.remove(tx, "views", post_id, user_id))
        await posts.change(tx, post_id, { increment: { view_count: -1 } });
  });
}
