import type { Change, Document, DocumentTransaction } from "./document-store";
import type { GroupCommit } from "./group-commit";
import type { NedbCollection } from "./nedb-collection";
import { changeDocument, copyDocument } from "./storable";
import { Writes } from "./writes";

/** An open transaction: it sees its own writes over those of transactions that are being stored over the collections. */
export class NedbTransaction implements DocumentTransaction {
  readonly writes = new Writes();
  readonly callbacks: (() => void)[] = [];
  private isOpen = true;

  constructor(
    private readonly collectionOf: (name: string) => NedbCollection,
    private readonly commits: GroupCommit,
  ) {}

  async get<Doc extends Document>(collection: string, id: string): Promise<Doc | null> {
    this.assertOpen();
    const stored = this.collectionOf(collection);
    const written = this.written(collection, id);
    if (written === undefined) return (await stored.get(id)) as Doc | null;
    return written && (copyDocument(written) as Doc);
  }

  async getMany<Doc extends Document>(collection: string, ids: readonly string[]): Promise<Doc[]> {
    this.assertOpen();
    const written: Document[] = [];
    const others: string[] = [];
    for (const id of new Set(ids)) {
      const doc = this.written(collection, id);
      if (doc === undefined) others.push(id);
      else if (doc) written.push(copyDocument(doc));
    }
    return [...written, ...(await this.collectionOf(collection).getMany(others))] as Doc[];
  }

  async insert<Doc extends Document>(collection: string, doc: Doc): Promise<boolean> {
    const copy = copyDocument(doc);
    if (await this.exists(collection, doc._id)) return false;
    this.write(collection, doc._id, copy);
    return true;
  }

  async update<Doc extends Document>(collection: string, id: string, change: Change<Doc>): Promise<Doc | null> {
    const before = await this.get<Doc>(collection, id);
    if (!before) return null;
    // Of two that were not awaited one after the other both read the same: the second goes by what is written now.
    const own = this.writes.get(collection, id) as Doc | null | undefined;
    if (own === null) return null;
    const after = changeDocument(own ?? before, change);
    this.write(collection, id, after);
    return copyDocument(after);
  }

  async remove(collection: string, id: string): Promise<boolean> {
    if (!(await this.exists(collection, id))) return false;
    this.write(collection, id, null);
    return true;
  }

  async removeMany(collection: string, ids: readonly string[]): Promise<number> {
    let removed = 0;
    for (const id of ids) if (await this.remove(collection, id)) removed++;
    return removed;
  }

  afterCommit(work: () => void): void {
    this.assertOpen();
    this.callbacks.push(work);
  }

  close(): void {
    this.isOpen = false;
  }

  private async exists(collection: string, id: string): Promise<boolean> {
    const found = await this.get(collection, id);
    // Asked again: another insert or removal of this transaction may have come while the store was asked.
    const own = this.writes.get(collection, id);
    return (own === undefined ? found : own) !== null;
  }

  private written(collection: string, id: string): Document | null | undefined {
    const own = this.writes.get(collection, id);
    return own === undefined ? this.commits.get(collection, id) : own;
  }

  private write(collection: string, id: string, after: Document | null): void {
    this.assertOpen();
    this.writes.set(collection, id, after);
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new Error("This transaction has ended: something in it was not awaited, or took too long.");
  }
}
