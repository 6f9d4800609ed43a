import type { DocumentStore } from "../../mixins/documents";
import * as posts from "./posts.repository";
import type { Asking } from "./posts-store";
import { visibilityOf } from "./visible-authors";

/** What is counted of these posts, in the order asked, less those that the viewer may not see. */
export async function countersOf(documents: DocumentStore, asking: Asking, post_ids: readonly string[]) {
  const found = await posts.getMany(documents, post_ids);
  const visibility = await visibilityOf(
    asking,
    found.map(({ user_id }) => user_id),
  );
  const viewerId = asking.meta.viewer.id;
  return found
    .filter(({ user_id, is_hidden }) => visibility(user_id) === "full" && (!is_hidden || user_id === viewerId))
    .map(({ _id, like_count, comment_count, view_count }) => ({ post_id: _id, like_count, comment_count, view_count }));
}
