import { InvalidInputError } from "../../lib/errors";
import { createOnce } from "./create-once";
import { findTags } from "./find-mentions";
import { eventDataOf } from "./post-events";
import { countOne } from "./post-metrics";
import type { Post } from "./posts.contract";
import { PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";
import { presentPost } from "./present-posts";
import { refuseDeleted } from "./refuse-deleted";

interface Draft {
  caption: string;
  media_ids: string[];
  location: string;
  is_comments_disabled: boolean;
  idempotency_key?: string | undefined;
}

/** Reserves the uploads under the post's id, then stores the post with its event. A repeat after a crash goes on there. */
export async function createPost(store: PostsStore, asking: Asking, draft: Draft): Promise<Post> {
  const { caption, media_ids, location, is_comments_disabled } = draft;
  if (new Set(media_ids).size < media_ids.length)
    throw new InvalidInputError([{ field: "media_ids", message: "must name each upload once" }]);

  const viewerId = asking.meta.viewer.id;
  const body = [caption, media_ids, location, is_comments_disabled];
  const asked = { viewerId, action: "create", key: draft.idempotency_key, body };
  const post_id = await createOnce(store, asked, async (_id, claim) => {
    // First what may fail without leaving anything reserved.
    const tags = await findTags(asking, caption);
    await asking.call("media.claim", { media_ids, post_id: _id });
    const isNew = await store.documents.transaction(async (tx) => {
      if (!(await claim(tx))) return false;
      await refuseDeleted(tx, viewerId);
      const now = new Date();
      const post = {
        ...{ _id, user_id: viewerId, caption, media_ids, location, ...tags },
        ...{ like_count: 0, comment_count: 0, view_count: 0 },
        ...{ is_comments_disabled, is_hidden: false, created_at: now, updated_at: now, seq: 1 },
      };
      await posts.insert(tx, post);
      await store.publish(tx, "post.created", { ...eventDataOf(post), media_ids }, { seq: post.seq });
      return true;
    });
    if (isNew) countOne(store.broker, "posts.created.total");
  });

  const post = await posts.get(store.documents, post_id);
  // A repeat for a post that was deleted since.
  if (!post) throw new PostNotFoundError();
  return presentPost(store.documents, asking, post);
}
