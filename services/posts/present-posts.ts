import type { DocumentStore } from "../../mixins/documents";
import type { PostDocument } from "./collections";
import { hydratePosts, type Hydration } from "./hydrate-posts";
import { PostNotFoundError } from "./posts.errors";
import type { Post } from "./posts.contract";
import type { Asking } from "./posts-store";

/** Each of these posts as the viewer sees it, or undefined where they may not. */
export async function presentPosts(
  documents: DocumentStore,
  asking: Asking,
  posts: readonly PostDocument[],
): Promise<(Post | undefined)[]> {
  if (posts.length === 0) return [];
  const hydration = await hydratePosts(documents, asking, posts);
  return posts.map((post) => (maySee(hydration, post) ? present(hydration, post) : undefined));
}

/** @throws {PostNotFoundError} where the viewer may not see it. */
export async function presentPost(documents: DocumentStore, asking: Asking, post: PostDocument): Promise<Post> {
  const [presented] = await presentPosts(documents, asking, [post]);
  if (!presented) throw new PostNotFoundError();
  return presented;
}

function maySee({ viewerId, visibility }: Hydration, post: PostDocument): boolean {
  return visibility(post.user_id) === "full" && (!post.is_hidden || post.user_id === viewerId);
}

function present({ faces, media, liked, saved }: Hydration, post: PostDocument): Post | undefined {
  const author = faces.get(post.user_id);
  if (!author) return undefined;
  return {
    id: post._id,
    user_id: post.user_id,
    caption: post.caption,
    media_ids: post.media_ids,
    location: post.location,
    hashtags: post.hashtags,
    mentions: post.mentions,
    like_count: post.like_count,
    comment_count: post.comment_count,
    view_count: post.view_count,
    is_comments_disabled: post.is_comments_disabled,
    is_hidden: post.is_hidden,
    created_at: post.created_at.toISOString(),
    updated_at: post.updated_at.toISOString(),
    media: post.media_ids.map((media_id) => media.get(media_id)).filter((one) => one !== undefined),
    author,
    viewer: { has_liked: liked.has(post._id), has_saved: saved.has(post._id) },
  };
}
