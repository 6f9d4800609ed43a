import type { Change, DocumentStore, DocumentTransaction, Reader } from "../../mixins/documents";
import type { PostDocument } from "./collections";
import { byNewest, newestFirst, olderThan, type Position } from "./positions";

/** MongoDB merges so many sorted scans of an index; with more it would read all and sort. */
const AUTHORS_AT_ONCE = 100;

export function get(reader: Reader, post_id: string): Promise<PostDocument | null> {
  return reader.get<PostDocument>("posts", post_id);
}

/** In the order asked, less those that are not there. */
export async function getMany(reader: Reader, post_ids: readonly string[]): Promise<PostDocument[]> {
  const found = await reader.getMany<PostDocument>("posts", [...new Set(post_ids)]);
  const byId = new Map(found.map((post) => [post._id, post]));
  return post_ids.map((post_id) => byId.get(post_id)).filter((post) => post !== undefined);
}

export function insert(tx: DocumentTransaction, post: PostDocument): Promise<boolean> {
  return tx.insert("posts", post);
}

export function change(
  tx: DocumentTransaction,
  post_id: string,
  change: Change<PostDocument>,
): Promise<PostDocument | null> {
  return tx.update<PostDocument>("posts", post_id, change);
}

export function remove(tx: DocumentTransaction, post_id: string): Promise<boolean> {
  return tx.remove("posts", post_id);
}

export function listOfUser(
  documents: DocumentStore,
  asked: { user_id: number; with_hidden: boolean; after: Position | undefined; limit: number },
): Promise<PostDocument[]> {
  const { user_id, with_hidden, after, limit } = asked;
  // (user_id, -created_at, -_id), or with is_hidden second.
  return documents.find<PostDocument>("posts", {
    query: { user_id, ...(with_hidden ? {} : { is_hidden: false }), ...olderThan(after) },
    sort: newestFirst,
    limit,
  });
}

export function listOfHashtag(
  documents: DocumentStore,
  asked: { hashtag: string; after: Position | undefined; limit: number },
): Promise<PostDocument[]> {
  // (hashtags, -created_at, -_id)
  return documents.find<PostDocument>("posts", {
    query: { hashtags: asked.hashtag, ...olderThan(asked.after) },
    sort: newestFirst,
    limit: asked.limit,
  });
}

/** The newest of all these authors together. Scatters where posts are sharded. */
export async function newestByAuthors(
  documents: DocumentStore,
  asked: { user_ids: readonly number[]; before: Position | undefined; limit: number },
): Promise<PostDocument[]> {
  const { before, limit } = asked;
  const authors = [...new Set(asked.user_ids)];
  const groups = Array.from({ length: Math.ceil(authors.length / AUTHORS_AT_ONCE) }, (_, i) =>
    authors.slice(i * AUTHORS_AT_ONCE, (i + 1) * AUTHORS_AT_ONCE),
  );
  // (user_id, is_hidden, -created_at, -_id)
  const lists = await Promise.all(
    groups.map((group) =>
      documents.find<PostDocument>("posts", {
        query: { user_id: { $in: group }, is_hidden: false, ...olderThan(before) },
        sort: newestFirst,
        limit,
      }),
    ),
  );
  // What is among the newest of all is among the newest of its group.
  return lists.flat().sort(byNewest).slice(0, limit);
}

export function someOfUser(documents: DocumentStore, user_id: number, limit: number): Promise<PostDocument[]> {
  // (user_id, …)
  return documents.find<PostDocument>("posts", { query: { user_id }, limit });
}
