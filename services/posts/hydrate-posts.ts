import type { DocumentStore } from "../../mixins/documents";
import { faceOf, type Face } from "../auth/auth.contract";
import type { Visibility } from "../graph/graph.contract";
import type { Media } from "../media/media.contract";
import type { PostDocument } from "./collections";
import * as edges from "./edges.repository";
import type { Asking } from "./posts-store";
import { visibilityOf } from "./visible-authors";

/** What one call of media takes. */
const MEDIA_AT_ONCE = 1000;

/** All that showing these posts to this viewer needs besides them. */
export interface Hydration {
  viewerId: number;
  faces: Map<number, Face>;
  visibility: (user_id: number) => Visibility;
  media: Map<string, Media>;
  liked: Set<string>;
  saved: Set<string>;
}

/** Asks every owner once, all at the same time. */
export async function hydratePosts(
  documents: DocumentStore,
  asking: Asking,
  posts: readonly PostDocument[],
): Promise<Hydration> {
  const viewerId = asking.meta.viewer.id;
  const authors = [...new Set(posts.map((post) => post.user_id))];
  const ids = posts.map((post) => post._id);
  const [faces, visibility, media, liked, saved] = await Promise.all([
    facesOf(asking, authors),
    visibilityOf(asking, authors),
    mediaOf(asking, [...new Set(posts.flatMap((post) => post.media_ids))]),
    edges.among(documents, "likes", ids, viewerId),
    edges.among(documents, "saves", ids, viewerId),
  ]);
  return { viewerId, faces, visibility, media, liked, saved };
}

/** Deleted accounts have none. */
export async function facesOf(asking: Asking, user_ids: readonly number[]): Promise<Map<number, Face>> {
  if (user_ids.length === 0) return new Map();
  const { users } = await asking.call("auth.getMany", { user_ids: [...new Set(user_ids)] });
  return new Map(users.map((user) => [user.id, faceOf(user)]));
}

async function mediaOf(asking: Asking, media_ids: readonly string[]): Promise<Map<string, Media>> {
  const groups = Array.from({ length: Math.ceil(media_ids.length / MEDIA_AT_ONCE) }, (_, i) =>
    media_ids.slice(i * MEDIA_AT_ONCE, (i + 1) * MEDIA_AT_ONCE),
  );
  const answers = await Promise.all(groups.map((group) => asking.call("media.getMany", { media_ids: group })));
  return new Map(answers.flatMap((answer) => answer.media.map((one) => [one.id, one] as const)));
}
