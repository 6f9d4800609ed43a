import type { EdgeDocument } from "./collections";
import * as edges from "./edges.repository";
import { findVisible } from "./find-post";
import { eventDataOf } from "./post-events";
import { countOne } from "./post-metrics";
import { PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";
import { refuseDeleted } from "./refuse-deleted";
import type { DocumentTransaction } from "../../mixins/documents";

/** The edge, the count beside it and the event are one write; the answer carries the count that it made. */
export async function setLike(store: PostsStore, asking: Asking, post_id: string, has_liked: boolean) {
  const viewerId = asking.meta.viewer.id;
  await findVisible(store.documents, asking, post_id);
  const { like_count, isNew } = await store.documents.transaction(async (tx) => {
    await refuseDeleted(tx, viewerId);
    const isNew = has_liked && (await edges.add(tx, "likes", post_id, viewerId));
    const isGone = !has_liked && (await edges.remove(tx, "likes", post_id, viewerId));
    const post =
      isNew || isGone ? await countLike(store, tx, post_id, viewerId, has_liked) : await posts.get(tx, post_id);
    if (!post) throw new PostNotFoundError();
    return { like_count: post.like_count, isNew };
  });
  if (isNew) countOne(store.broker, "posts.likes.total");
  return { has_liked, like_count };
}

/** Takes these likes back in one transaction, whoever may see the posts now. */
export async function removeLikes(store: PostsStore, likes: readonly EdgeDocument[]): Promise<void> {
  await store.documents.transaction(async (tx) => {
    for (const { post_id, user_id } of likes)
      if (await edges.remove(tx, "likes", post_id, user_id)) await countLike(store, tx, post_id, user_id, false);
  });
}

async function countLike(
  { publish, changed }: PostsStore,
  tx: DocumentTransaction,
  post_id: string,
  actor_id: number,
  is_liked: boolean,
) {
  const post = await posts.change(tx, post_id, { increment: { like_count: is_liked ? 1 : -1, seq: 1 } });
  changed.noteAfter(tx, post_id);
  if (post) await publish(tx, "post.liked", { ...eventDataOf(post), actor_id, is_liked }, { seq: post.seq });
  return post;
}
