import * as edges from "./edges.repository";
import { findVisible } from "./find-post";
import { PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";
import { refuseDeleted } from "./refuse-deleted";

export async function savePost({ documents }: PostsStore, asking: Asking, post_id: string): Promise<void> {
  const viewerId = asking.meta.viewer.id;
  await findVisible(documents, asking, post_id);
  await documents.transaction(async (tx) => {
    await refuseDeleted(tx, viewerId);
    if (!(await posts.get(tx, post_id))) throw new PostNotFoundError();
    await edges.add(tx, "saves", post_id, viewerId);
  });
}

/** Also of a post that is out of sight: the list is the viewer's own. */
export async function unsavePost({ documents }: PostsStore, asking: Asking, post_id: string): Promise<void> {
  await documents.transaction((tx) => edges.remove(tx, "saves", post_id, asking.meta.viewer.id));
}
