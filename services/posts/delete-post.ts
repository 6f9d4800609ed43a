import { stampOf, touch } from "../../mixins/redis";
import * as deletions from "./deletions.repository";
import { findOwn } from "./find-post";
import { BATCHES_IN_REQUEST, finishDeletion } from "./finish-deletion";
import { eventDataOf } from "./post-events";
import { PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";

/** Deletes the viewer's post. Theirs to repeat: a post that they deleted is no missing one. */
export async function deletePost(store: PostsStore, asking: Asking, post_id: string): Promise<void> {
  const viewerId = asking.meta.viewer.id;
  try {
    await findOwn(store.documents, asking, post_id);
  } catch (error) {
    if (!(error instanceof PostNotFoundError)) throw error;
    const deletion = await deletions.find(store.documents, "post", post_id);
    if (deletion?.deleted_by !== viewerId) throw error;
    // The first try may have come no further than its commit.
    await touch(store.stamps, [stampOf.post(post_id)]);
    return;
  }
  await removePost(store, post_id, viewerId, BATCHES_IN_REQUEST);
}

/** The post and its event go in one transaction, so that nothing is left in sight; then what hangs on it, in bounded ones. */
export async function removePost(
  { documents, publish, changed }: PostsStore,
  post_id: string,
  deleted_by: number,
  maxBatches?: number,
): Promise<void> {
  const deletion = await documents.transaction(async (tx) => {
    const post = await posts.change(tx, post_id, { increment: { seq: 1 } });
    if (!post) return undefined;
    await posts.remove(tx, post_id);
    const data = { ...eventDataOf(post), media_ids: post.media_ids };
    changed.noteAfter(tx, post_id);
    await publish(tx, "post.deleted", data, { seq: post.seq });
    return deletions.note(tx, "post", post_id, { post_id, deleted_by });
  });
  if (deletion) await finishDeletion(documents, deletion, maxBatches);
}
