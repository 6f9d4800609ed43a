import type { DocumentTransaction } from "../../mixins/documents";
import type { CommentDocument, PostDocument } from "./collections";
import * as comments from "./comments.repository";
import { createOnce } from "./create-once";
import { findCommentOf } from "./find-comment";
import { findTags } from "./find-mentions";
import { findVisible } from "./find-post";
import { eventDataOf } from "./post-events";
import { countOne } from "./post-metrics";
import type { Comment } from "./posts.contract";
import { CommentNotFoundError, CommentsDisabledError, NestedReplyError, PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";
import { presentComments } from "./present-comments";
import { refuseDeleted } from "./refuse-deleted";

interface Draft {
  post_id: string;
  text: string;
  parent_id?: string | undefined;
  idempotency_key?: string | undefined;
}

/** The comment, the counts of its post and parent, and the event are one write. */
export async function addComment(store: PostsStore, asking: Asking, draft: Draft): Promise<Comment> {
  const { documents } = store;
  const { post_id, text, parent_id = null } = draft;
  const viewerId = asking.meta.viewer.id;
  const asked = { viewerId, action: "addComment", key: draft.idempotency_key, body: [post_id, text, parent_id] };

  const comment_id = await createOnce(store, asked, async (_id, claim) => {
    takesComments(await findVisible(documents, asking, post_id));
    if (parent_id !== null) {
      const parent = await findCommentOf(documents, asking, post_id, parent_id);
      if (parent.parent_id !== null) throw new NestedReplyError();
    }
    const { mentions } = await findTags(asking, text);
    const isNew = await documents.transaction(async (tx) => {
      if (!(await claim(tx))) return false;
      await refuseDeleted(tx, viewerId);
      const counts = { like_count: 0, reply_count: 0 };
      const place = { post_id, parent_id, thread_id: parent_id ?? post_id };
      const comment = { _id, user_id: viewerId, ...place, text, mentions, ...counts, created_at: new Date() };
      await storeComment(store, tx, comment);
      return true;
    });
    if (isNew) countOne(store.broker, "posts.comments.total");
  });

  const comment = await comments.get(documents, comment_id);
  const [presented] = comment ? await presentComments(documents, asking, [comment]) : [];
  if (!presented) throw new CommentNotFoundError();
  return presented;
}

/** All is checked again: the post may have closed, or the parent gone, since it was looked at. */
async function storeComment(
  { publish, changed }: PostsStore,
  tx: DocumentTransaction,
  comment: CommentDocument,
): Promise<void> {
  const { _id, post_id, parent_id, user_id } = comment;
  await comments.insert(tx, comment);
  const post = await posts.change(tx, post_id, { increment: { comment_count: 1, seq: 1 } });
  if (!post) throw new PostNotFoundError();
  takesComments(post);
  if (parent_id !== null && !(await comments.change(tx, parent_id, { increment: { reply_count: 1 } })))
    throw new CommentNotFoundError();
  const data = { ...eventDataOf(post), actor_id: user_id, comment_id: _id };
  changed.noteAfter(tx, post_id);
  await publish(tx, "post.commented", data, { seq: post.seq });
}

function takesComments(post: PostDocument): void {
  if (post.is_comments_disabled) throw new CommentsDisabledError();
}
