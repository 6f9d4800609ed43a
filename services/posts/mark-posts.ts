import type { DocumentStore } from "../../mixins/documents";
import * as edges from "./edges.repository";
import type { Post } from "./posts.contract";
import * as posts from "./posts.repository";
import type { Asking } from "./posts-store";
import { visibilityOf } from "./visible-authors";

/** Which of these the viewer may see, and what they did to each. */
export async function markPosts(
  documents: DocumentStore,
  asking: Asking,
  post_ids: readonly string[],
): Promise<{ post_id: string; viewer: Post["viewer"] }[]> {
  const viewerId = asking.meta.viewer.id;
  const found = await posts.getMany(documents, post_ids);
  const ids = found.map(({ _id }) => _id);
  const [visibility, liked, saved] = await Promise.all([
    visibilityOf(
      asking,
      found.map(({ user_id }) => user_id),
    ),
    edges.among(documents, "likes", ids, viewerId),
    edges.among(documents, "saves", ids, viewerId),
  ]);
  return found
    .filter(({ user_id, is_hidden }) => visibility(user_id) === "full" && (!is_hidden || user_id === viewerId))
    .map(({ _id }) => ({ post_id: _id, viewer: { has_liked: liked.has(_id), has_saved: saved.has(_id) } }));
}
