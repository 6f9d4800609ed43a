import type { ClientSession } from "mongodb";
import { type MongoDbAdapter, RunAgainError } from "../../plugins/mongodb-adapter";
import type { Change, Document, DocumentTransaction } from "./document-store";
import { checkedChange, copyDocument } from "./storable";
import { Turns } from "./turns";

/** One attempt at a transaction: what its session reads and writes, one operation after the other, as a session demands. */
export class MongoTransaction implements DocumentTransaction {
  readonly callbacks: (() => void)[] = [];
  /** The document at which this attempt failed: most likely another transaction is writing it. */
  metAt: string | undefined;
  private readonly turns = new Turns();
  private isOpen = true;
  private failure: { error: unknown } | undefined;

  /** @param isContended tells of a document that others of this process are waiting for: writing it now would only fail. */
  constructor(
    private readonly session: ClientSession,
    private readonly adapterOf: (name: string) => MongoDbAdapter,
    private readonly isContended: (key: string) => boolean,
  ) {}

  async get<Doc extends Document>(collection: string, id: string): Promise<Doc | null> {
    return (await this.run(collection, (adapter) => adapter.findById(id, this.within))) as Doc | null;
  }

  async getMany<Doc extends Document>(collection: string, ids: readonly string[]): Promise<Doc[]> {
    const found: Document[] = await this.run(collection, (adapter) =>
      adapter.findByIds([...new Set(ids)], this.within),
    );
    return found as Doc[];
  }

  async insert<Doc extends Document>(collection: string, doc: Doc): Promise<boolean> {
    const copy = copyDocument(doc);
    return this.write(collection, copy._id, (adapter) => adapter.insertIfAbsent(copy, this.within));
  }

  async update<Doc extends Document>(collection: string, id: string, change: Change<Doc>): Promise<Doc | null> {
    const { set, increment } = checkedChange(id, change);
    const update = { ...(isEmpty(set) ? {} : { $set: set }), ...(isEmpty(increment) ? {} : { $inc: increment }) };
    if (isEmpty(update)) return this.get(collection, id);
    const after = await this.write(collection, id, (adapter) => adapter.updateById(id, update, this.within));
    return after as Doc | null;
  }

  async remove(collection: string, id: string): Promise<boolean> {
    return (await this.write(collection, id, (adapter) => adapter.removeById(id, this.within))) === 1;
  }

  async removeMany(collection: string, ids: readonly string[]): Promise<number> {
    if (ids.length === 0) return 0;
    return this.run(collection, (adapter) => adapter.removeMany({ _id: { $in: [...ids] } }, this.within));
  }

  afterCommit(work: () => void): void {
    this.assertOpen();
    this.callbacks.push(work);
  }

  /** Lets what was not awaited come to its end, and nothing more begin. @throws what went wrong, also if the work took no notice. */
  async close(): Promise<void> {
    this.isOpen = false;
    await this.turns.idle();
    if (this.failure) throw this.failure.error;
  }

  private get within(): { session: ClientSession } {
    return { session: this.session };
  }

  private write<T>(collection: string, id: string, operation: (adapter: MongoDbAdapter) => Promise<T>): Promise<T> {
    const key = `${collection} ${id}`;
    return this.run(collection, async (adapter) => {
      try {
        if (this.isContended(key)) throw new RunAgainError("Others of this process are waiting for this document.");
        return await operation(adapter);
      } catch (error) {
        this.metAt = key;
        throw error;
      }
    });
  }

  /** After the first failure the server has given up the transaction, whatever the work makes of it. */
  private run<T>(collection: string, operation: (adapter: MongoDbAdapter) => Promise<T>): Promise<T> {
    this.assertOpen();
    const adapter = this.adapterOf(collection);
    return this.turns.take(async () => {
      if (this.failure) throw this.failure.error;
      try {
        return await operation(adapter);
      } catch (error) {
        this.failure = { error };
        throw error;
      }
    });
  }

  private assertOpen(): void {
    if (!this.isOpen) throw new Error("This transaction has ended: something in it was not awaited, or took too long.");
  }
}

function isEmpty(fields: object): boolean {
  return Object.keys(fields).length === 0;
}
