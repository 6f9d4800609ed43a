/** A document's natural key is its `_id`: a string, on both sides. Dates are Dates. */
export interface Document {
  _id: string;
}

/** Operators that NeDB and MongoDB both understand and mean the same by. */
export type Query = Record<string, unknown>;

export interface Find {
  query: Query;
  /** Field names, "-" before one that descends. */
  sort?: readonly string[];
  limit?: number;
}

export interface Change<Doc> {
  set?: Partial<Doc>;
  increment?: { [K in keyof Doc]?: number };
}

export interface Reader {
  get<Doc extends Document>(collection: string, id: string): Promise<Doc | null>;
  getMany<Doc extends Document>(collection: string, ids: readonly string[]): Promise<Doc[]>;
}

/** Writes of one transaction: all of them are stored, or none. Reads see the transaction's own writes. */
export interface DocumentTransaction extends Reader {
  /** False, and nothing stored, where a document of this `_id` exists. */
  insert<Doc extends Document>(collection: string, doc: Doc): Promise<boolean>;
  /** The document as it is afterwards, or null where none has this `_id`. */
  update<Doc extends Document>(collection: string, id: string, change: Change<Doc>): Promise<Doc | null>;
  /** False where there was none. */
  remove(collection: string, id: string): Promise<boolean>;
  /** How many there were. */
  removeMany(collection: string, ids: readonly string[]): Promise<number>;
  /** Runs after the commit. What it throws is logged and harms nothing. */
  afterCommit(work: () => void): void;
}

export interface DocumentStore extends Reader {
  /** Whether other processes write it too. */
  readonly isShared: boolean;
  /** Names the index that serves it in a comment beside each call. */
  find<Doc extends Document>(collection: string, find: Find): Promise<Doc[]>;
  count(collection: string, query: Query): Promise<number>;
  transaction<T>(work: (tx: DocumentTransaction) => Promise<T>): Promise<T>;
}

export interface CollectionSpec {
  /** Each is a list of fields, "-" before one that descends. NeDB has single-field indexes only and takes the first field of each. */
  indexes: readonly (readonly string[])[];
}
