import * as commentLikes from "./comment-likes.repository";
import * as comments from "./comments.repository";
import { removeComment } from "./delete-comment";
import { removePost } from "./delete-post";
import * as deletions from "./deletions.repository";
import * as edges from "./edges.repository";
import { removeCommentLikes } from "./like-comment";
import { removeLikes } from "./like-post";
import * as posts from "./posts.repository";
import type { PostsStore } from "./posts-store";
import { removeViews } from "./view-post";

const BATCH = 50;

/** Removes all that somebody posted, wrote, liked, saved and saw, with its place in the counts of others. Repeats find less. */
export async function forgetUser(store: PostsStore, user_id: number): Promise<void> {
  const { documents } = store;
  // First, so that a request of theirs that is still running stores nothing after this.
  await documents.transaction((tx) => deletions.note(tx, "user", user_id, { post_id: null, deleted_by: user_id }));

  await untilNone(
    () => posts.someOfUser(documents, user_id, BATCH),
    async (some) => {
      for (const post of some) await removePost(store, post._id, user_id);
    },
  );
  await untilNone(
    () => comments.someOfUser(documents, user_id, BATCH),
    async (some) => {
      for (const comment of some) await removeComment(store, comment._id, user_id);
    },
  );
  await untilNone(
    () => edges.someOfUser(documents, "likes", user_id, BATCH),
    (some) => removeLikes(store, some),
  );
  await untilNone(
    () => commentLikes.someOfUser(documents, user_id, BATCH),
    (some) => removeCommentLikes(store, some),
  );
  await untilNone(
    () => edges.someOfUser(documents, "views", user_id, BATCH),
    (some) => removeViews(store, some),
  );
  while ((await edges.removeSome(documents, "saves", { user_id }, BATCH)) === BATCH);
  while ((await edges.removeSome(documents, "idempotency", { user_id }, BATCH)) === BATCH);
}

async function untilNone<Doc>(find: () => Promise<Doc[]>, remove: (some: Doc[]) => Promise<void>): Promise<void> {
  for (let some = await find(); some.length > 0; some = await find()) await remove(some);
}
