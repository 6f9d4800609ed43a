import type { Document } from "./document-store";

/** After-images by collection and _id: the document as it is to be, or null where it is to go. The last one counts. */
export class Writes {
  readonly byCollection = new Map<string, Map<string, Document | null>>();

  get isEmpty(): boolean {
    return this.byCollection.size === 0;
  }

  set(collection: string, id: string, after: Document | null): void {
    let images = this.byCollection.get(collection);
    if (!images) {
      images = new Map();
      this.byCollection.set(collection, images);
    }
    images.set(id, after);
  }

  /** Undefined where nothing was written: what lies below counts. */
  get(collection: string, id: string): Document | null | undefined {
    return this.byCollection.get(collection)?.get(id);
  }

  /** Lays later writes over these. */
  add(later: Writes): void {
    for (const [collection, images] of later.byCollection)
      for (const [id, after] of images) this.set(collection, id, after);
  }
}
