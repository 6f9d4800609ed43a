import type { PostDocument } from "./collections";

/** What every event of a post tells. */
export function eventDataOf(post: PostDocument) {
  return { post_id: post._id, user_id: post.user_id, created_at: post.created_at.toISOString() };
}
