import type { Page } from "../../lib/fields";
import type { Face } from "../auth/auth.contract";
import * as edges from "./edges.repository";
import { fillPage } from "./fill-page";
import { findVisible } from "./find-post";
import { facesOf } from "./hydrate-posts";
import type { Asking, PostsStore } from "./posts-store";
import { positionOf } from "./positions";
import { visibilityOf } from "./visible-authors";

/** Who likes a post, less those who are gone for the viewer. */
export async function listLikes(
  { documents }: PostsStore,
  asking: Asking,
  asked: { post_id: string; limit: number; cursor?: string | undefined },
): Promise<Page<Face>> {
  const { post_id } = asked;
  await findVisible(documents, asking, post_id);
  return fillPage(asked, {
    load: (after, limit) => edges.listNewest(documents, "likes", { of: { post_id }, after, limit }),
    present: async (likes) => {
      const people = likes.map((like) => like.user_id);
      const [faces, visibility] = await Promise.all([facesOf(asking, people), visibilityOf(asking, people)]);
      return people.map((user_id) => (visibility(user_id) === "none" ? undefined : faces.get(user_id)));
    },
    positionOf,
  });
}
