import { join } from "node:path";
import { MemoryAdapter } from "moleculer-db";
import type { CollectionSpec, Document, Find, Query } from "./document-store";
import type { Log } from "./log";
import { syncFile } from "./sync-file";
import { cutTornTail } from "./torn-tail";

/** A file is rewritten when so many lines were appended, and at least as many as there are documents: it stays within twice its need. */
const COMPACT_AFTER_LINES = 20_000;
/** NeDB compares each document of a removal with each _id of it. */
const REMOVE_AT_ONCE = 100;

/** What we use of the NeDB data store behind the adapter, as the adapter leaves it: its callbacks made promises. */
interface DataStore {
  ensureIndex(options: { fieldName: string }): Promise<void>;
  count(query: Query): Promise<number>;
  getAllData(): unknown[];
  compactDatafileAsync(): Promise<void>;
}

/** One collection: moleculer-db's adapter over one file of lines, each of which is a document as it then was. */
export class NedbCollection {
  private appendedLines = 0;
  private linesAtBest: number;

  private constructor(
    readonly name: string,
    readonly file: string,
    private readonly adapter: MemoryAdapter,
    private readonly db: DataStore,
  ) {
    this.linesAtBest = db.getAllData().length;
  }

  static async open(folder: string, name: string, spec: CollectionSpec, log: Log): Promise<NedbCollection> {
    const file = join(folder, `${name}.db`);
    const torn = await cutTornTail(file);
    if (torn > 0) log.warn(`${file} ended in ${torn} bytes of an unfinished line, left by a crash and cut off.`);

    const adapter = new MemoryAdapter({
      filename: file,
      // NeDB would drop up to a tenth of a file for good, unsaid. With its tail cut any bad line is damage, so refuse.
      corruptAlertThreshold: 0,
      afterSerialization: escapeLineEnds,
      beforeDeserialization: (line: string) => line,
    });
    await adapter.connect();
    const { db } = adapter as unknown as { db: DataStore };
    const fields = new Set(spec.indexes.flatMap(([first]) => (first === undefined ? [] : [first.replace(/^-/, "")])));
    for (const fieldName of fields) if (fieldName !== "_id") await db.ensureIndex({ fieldName });
    return new NedbCollection(name, file, adapter, db);
  }

  async get(id: string): Promise<Document | null> {
    return (await this.adapter.findById(id)) as Document | null;
  }

  async getMany(ids: readonly string[]): Promise<Document[]> {
    // Its type asks for numbers; NeDB compares whatever they are.
    return (await this.adapter.findByIds(ids as unknown as number[])) as Document[];
  }

  async find({ query, sort, limit }: Find): Promise<Document[]> {
    if (limit === 0) return [];
    // The adapter's type says that sort belongs to a cursor only; it hands these filters to one.
    const filters: object = { query, sort: sort && [...sort], limit };
    return (await this.adapter.find(filters)) as Document[];
  }

  count(query: Query): Promise<number> {
    return this.db.count(query);
  }

  /** Stores every after-image in at most two appends. The same again changes nothing more. */
  async apply(images: ReadonlyMap<string, Document | null>): Promise<void> {
    const [only] = images;
    if (images.size === 1 && only?.[1]) await this.put(only[1]);
    else
      await this.replace(
        [...images.keys()],
        [...images.values()].filter((after) => after !== null),
      );
    this.appendedLines += 2 * images.size;
  }

  private async put(doc: Document): Promise<void> {
    if ((await this.count({ _id: doc._id })) === 0) await this.adapter.insert(doc);
    else await this.adapter.updateById(doc._id, doc);
  }

  /** NeDB updates one document an append: taking all out and putting them in again costs two, however many there are. */
  private async replace(ids: string[], docs: Document[]): Promise<void> {
    for (let i = 0; i < ids.length; i += REMOVE_AT_ONCE)
      await this.adapter.removeMany({ _id: { $in: ids.slice(i, i + REMOVE_AT_ONCE) } });
    if (docs.length > 0) await this.adapter.insertMany(docs);
  }

  sync(): Promise<void> {
    return syncFile(this.file);
  }

  get isDueForCompaction(): boolean {
    return this.appendedLines >= Math.max(COMPACT_AFTER_LINES, this.linesAtBest);
  }

  /** Rewrites the file to one line a document, aside and then renamed: a crash leaves the old one or the new one. */
  async compact(): Promise<void> {
    this.appendedLines = 0;
    this.linesAtBest = this.db.getAllData().length;
    await this.db.compactDatafileAsync();
  }

  close(): Promise<void> {
    return this.adapter.disconnect();
  }
}

/** NeDB ends a line at these too when it reads, and JSON leaves them as they are: such a caption would be lost. */
function escapeLineEnds(line: string): string {
  return line.replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
