import type { QueryResultRow } from "pg";

export interface Rows<Row> {
  rows: Row[];
  rowCount: number;
}

/** Something that runs one parameterised statement: a shard's pool, or a transaction on it. BIGINT arrives as a Number. */
export interface Sql {
  query<Row extends QueryResultRow = QueryResultRow>(text: string, params?: readonly unknown[]): Promise<Rows<Row>>;
}

/** An open transaction. No broker call inside one. */
export interface Transaction extends Sql {
  /** Runs after the commit, never after a rollback. What it throws is logged and harms nothing. */
  afterCommit(work: () => void): void;
}

export interface Shard extends Sql {
  /** 0-based. */
  readonly index: number;
  /**
   * For a single read while a transaction on another shard is open: it has connections of its own, which wait for nothing else.
   * With those of requests, holders of one shard's connections would wait for the other's in a circle.
   */
  readonly aside: Sql;
  /** Commits when `work` resolves, rolls back when it throws. A serialization failure or deadlock is tried again, with jitter. */
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** A transaction that changes tables: past whatever stands before the shard. */
  migration<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Runs `work` if no other session holds this advisory lock, on a connection kept for it; else answers undefined at once. */
  withLock<T>(name: string, work: (sql: Sql) => Promise<T>): Promise<T | undefined>;
}

/** All that SQL a service has. Every statement about a row goes to the shard of its key. */
export interface Database {
  /** The shard that holds rows of this key: a number for bigint keys, a string for text keys. */
  at(key: number | string): Shard;
  /** Every shard: for what must scatter, which says so in a comment. */
  readonly shards: readonly Shard[];
  /** Keys by the shard that holds them, so that a statement over many keys is sent once a shard. */
  group<Key extends number | string>(keys: readonly Key[]): { shard: Shard; keys: Key[] }[];
}
