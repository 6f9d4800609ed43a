import type { Document, DocumentStore, DocumentTransaction, Query, Reader } from "../../mixins/documents";
import type { EdgeDocument } from "./collections";
import { newestFirst, olderThan, type Position } from "./positions";

export type Edges = "likes" | "saves" | "views";

/** The natural key is the `_id`: it begins with what the collection is listed by. */
export function edgeId(edges: Edges, post_id: string, user_id: number): string {
  return edges === "saves" ? `${user_id}:${post_id}` : `${post_id}:${user_id}`;
}

/** False where it was there. */
export function add(tx: DocumentTransaction, edges: Edges, post_id: string, user_id: number): Promise<boolean> {
  const edge: EdgeDocument = { _id: edgeId(edges, post_id, user_id), post_id, user_id, created_at: new Date() };
  return tx.insert(edges, edge);
}

/** False where there was none. */
export function remove(tx: DocumentTransaction, edges: Edges, post_id: string, user_id: number): Promise<boolean> {
  return tx.remove(edges, edgeId(edges, post_id, user_id));
}

/** Which of these posts the user has such an edge to. */
export async function among(
  reader: Reader,
  edges: Edges,
  post_ids: readonly string[],
  user_id: number,
): Promise<Set<string>> {
  const ids = [...new Set(post_ids)].map((post_id) => edgeId(edges, post_id, user_id));
  const found = await reader.getMany<EdgeDocument>(edges, ids);
  return new Set(found.map((edge) => edge.post_id));
}

export function listNewest(
  documents: DocumentStore,
  edges: "likes" | "saves",
  asked: { of: { post_id: string } | { user_id: number }; after: Position | undefined; limit: number },
): Promise<EdgeDocument[]> {
  // likes: (post_id, -created_at, -_id); saves: (user_id, -created_at, -_id)
  return documents.find<EdgeDocument>(edges, {
    query: { ...asked.of, ...olderThan(asked.after) },
    sort: newestFirst,
    limit: asked.limit,
  });
}

export function someOfUser(
  documents: DocumentStore,
  edges: Edges,
  user_id: number,
  limit: number,
): Promise<EdgeDocument[]> {
  // (user_id, …)
  return documents.find<EdgeDocument>(edges, { query: { user_id }, limit });
}

/** Removes up to `limit` documents that match, in one transaction, and answers how many it found. */
export async function removeSome(
  documents: DocumentStore,
  collection: string,
  query: Query,
  limit: number,
): Promise<number> {
  // Each caller's query is one equality with an indexed field.
  const found = await documents.find<Document>(collection, { query, limit });
  if (found.length > 0)
    await documents.transaction(async (tx) => {
      const ids = found.map(({ _id }) => _id);
      await tx.removeMany(collection, ids);
    });
  return found.length;
}
