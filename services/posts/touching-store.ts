import type { DocumentStore, DocumentTransaction } from "../../mixins/documents";
import { stampOf, type Stamps, touch } from "../../mixins/redis";
import type { EdgeDocument } from "./collections";

/** Edges that a post shows to whoever made them. */
const shown = ["likes", "saves"];

export interface TouchingStore extends DocumentStore {
  /** The store within, for whoever wants to see what it is asked. */
  readonly inner: DocumentStore;
}

/**
 * The same store, whose every transaction ends with taking away the stamps of what it changed: no path that changes a post can
 * forget it. Of what it only looked at too, for a repeat may be answered in place of one that came no further than its commit.
 */
export function touchingStore(documents: DocumentStore, stamps: Stamps): TouchingStore {
  return {
    inner: documents,
    isShared: documents.isShared,
    get: (collection, id) => documents.get(collection, id),
    getMany: (collection, ids) => documents.getMany(collection, ids),
    find: (collection, find) => documents.find(collection, find),
    count: (collection, query) => documents.count(collection, query),
    async transaction(work) {
      const touched = new Set<string>();
      try {
        return await documents.transaction((tx) => work(noting(tx, touched)));
      } finally {
        // Also where it failed: whether a commit that failed is stored, nobody knows.
        if (touched.size > 0) await touch(stamps, touched);
      }
    },
  };
}

function noting(tx: DocumentTransaction, touched: Set<string>): DocumentTransaction {
  const note = (collection: string, id: string): void => {
    if (collection === "posts") touched.add(stampOf.post(id));
  };
  return {
    get(collection, id) {
      note(collection, id);
      return tx.get(collection, id);
    },
    getMany: (collection, ids) => tx.getMany(collection, ids),
    insert(collection, doc) {
      note(collection, doc._id);
      if (shown.includes(collection)) touched.add(stampOf.viewer((doc as unknown as EdgeDocument).user_id));
      return tx.insert(collection, doc);
    },
    update(collection, id, change) {
      note(collection, id);
      return tx.update(collection, id, change);
    },
    remove(collection, id) {
      note(collection, id);
      if (shown.includes(collection)) touched.add(stampOf.viewer(ownerOf(collection, id)));
      return tx.remove(collection, id);
    },
    removeMany: (collection, ids) => tx.removeMany(collection, ids),
    afterCommit: (work) => tx.afterCommit(work),
  };
}

/** Of an edge, by its key. */
function ownerOf(collection: string, id: string): number {
  const [first, second] = id.split(":");
  return Number(collection === "saves" ? first : second);
}
