import type { PostDocument } from "./collections";
import { findOwn } from "./find-post";
import { findTags } from "./find-mentions";
import { eventDataOf } from "./post-events";
import type { Post } from "./posts.contract";
import { PostNotFoundError } from "./posts.errors";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";
import { presentPost } from "./present-posts";

interface Edit {
  caption?: string | undefined;
  location?: string | undefined;
  is_comments_disabled?: boolean | undefined;
}

/** Changes the viewer's post. What changes nothing publishes nothing. */
export async function updatePost(store: PostsStore, asking: Asking, post_id: string, edit: Edit): Promise<Post> {
  const { caption, location, is_comments_disabled } = edit;
  await findOwn(store.documents, asking, post_id);
  const tags = caption === undefined ? {} : await findTags(asking, caption);
  const post = await changePost(store, post_id, (now) => ({
    // A caption that stays keeps its mentions, whoever took such a name since.
    ...(caption === undefined || caption === now.caption ? {} : { caption, ...tags }),
    ...(location === undefined ? {} : { location }),
    ...(is_comments_disabled === undefined ? {} : { is_comments_disabled }),
  }));
  return presentPost(store.documents, asking, post);
}

/** Archives the viewer's post, or shows it again. */
export async function setHidden(store: PostsStore, asking: Asking, post_id: string, is_hidden: boolean): Promise<Post> {
  await findOwn(store.documents, asking, post_id);
  const post = await changePost(store, post_id, () => ({ is_hidden }));
  return presentPost(store.documents, asking, post);
}

async function changePost(
  { documents, publish, changed }: PostsStore,
  post_id: string,
  wanted: (now: PostDocument) => Partial<PostDocument>,
): Promise<PostDocument> {
  return documents.transaction(async (tx) => {
    const now = await posts.get(tx, post_id);
    if (!now) throw new PostNotFoundError();
    const set = wanted(now);
    const isSame = Object.entries(set).every(([field, value]) => now[field as keyof PostDocument] === value);
    if (isSame) return now;
    const change = { set: { ...set, updated_at: new Date() }, increment: { seq: 1 } };
    const post = await posts.change(tx, post_id, change);
    if (!post) throw new PostNotFoundError();
    changed.noteAfter(tx, post_id);
    const { media_ids, is_hidden } = post;
    await publish(tx, "post.updated", { ...eventDataOf(post), media_ids, is_hidden }, { seq: post.seq });
    return post;
  });
}
