import type { Page } from "../../lib/fields";
import { PrivateAccountError, UserNotFoundError } from "../../lib/errors";
import * as edges from "./edges.repository";
import { normalizeTag } from "./extract-tags";
import { fillPage } from "./fill-page";
import type { Post } from "./posts.contract";
import * as posts from "./posts.repository";
import type { Asking, PostsStore } from "./posts-store";
import { positionOf } from "./positions";
import { presentPosts } from "./present-posts";
import { visibilityOf } from "./visible-authors";

type Paging = { limit: number; cursor?: string | undefined };

/** @throws {UserNotFoundError | PrivateAccountError} */
export async function listPostsOfUser(
  { documents }: PostsStore,
  asking: Asking,
  user_id: number,
  paging: Paging,
): Promise<Page<Post>> {
  const visibility = (await visibilityOf(asking, [user_id]))(user_id);
  if (visibility === "none") throw new UserNotFoundError();
  if (visibility === "private") throw new PrivateAccountError();
  const with_hidden = user_id === asking.meta.viewer.id;
  return fillPage(paging, {
    load: (after, limit) => posts.listOfUser(documents, { user_id, with_hidden, after, limit }),
    present: (rows) => presentPosts(documents, asking, rows),
    positionOf,
  });
}

export async function listPostsOfHashtag(
  { documents }: PostsStore,
  asking: Asking,
  tag: string,
  paging: Paging,
): Promise<Page<Post>> {
  const hashtag = normalizeTag(tag).replace(/^#/, "");
  return fillPage(paging, {
    load: (after, limit) => posts.listOfHashtag(documents, { hashtag, after, limit }),
    present: (rows) => presentPosts(documents, asking, rows),
    positionOf,
  });
}

/** In the order in which they were saved. Those out of sight stay saved and come back with their authors. */
export async function listSavedPosts({ documents }: PostsStore, asking: Asking, paging: Paging): Promise<Page<Post>> {
  const of = { user_id: asking.meta.viewer.id };
  return fillPage(paging, {
    load: (after, limit) => edges.listNewest(documents, "saves", { of, after, limit }),
    present: async (saves) => {
      const post_ids = saves.map((save) => save.post_id);
      const found = await posts.getMany(documents, post_ids);
      const presented = await presentPosts(documents, asking, found);
      const byId = new Map(presented.map((post) => [post?.id, post]));
      return post_ids.map((post_id) => byId.get(post_id));
    },
    positionOf,
  });
}
