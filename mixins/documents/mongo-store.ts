import { type Db, MongoClient } from "mongodb";
import { UnavailableError } from "../../lib/errors";
import { clientOptions, MongoDbAdapter, runTransaction } from "../../plugins/mongodb-adapter";
import { failpoint } from "../failpoint";
import type { ClosableStore } from "./closable-store";
import type { CollectionSpec, Document, DocumentTransaction, Find, Query } from "./document-store";
import { Lanes } from "./lanes";
import type { Log } from "./log";
import { asDomainError } from "./mongo-errors";
import { Attempts } from "./mongo-attempts";

/** Less than a call's own time, so that the caller learns that the store was busy; longer than a killed node's transaction is left open. */
export const TRANSACTION_TIMEOUT_MS = 8_000;

export interface MongoStoreOptions {
  /** With the database's name. */
  url: string;
  collections: Record<string, CollectionSpec>;
  log: Log;
  transactionTimeoutMs?: number;
}

/** Opens the store, its collections and indexes made. @throws {UnavailableError} where the server does not answer. */
export async function openMongoStore(options: MongoStoreOptions): Promise<MongoStore> {
  const client = new MongoClient(options.url, clientOptions);
  try {
    const adapters = new Map<string, MongoDbAdapter>();
    for (const [collection, { indexes }] of Object.entries(options.collections)) {
      const adapter = new MongoDbAdapter({ database: client.db(), collection, indexes });
      await adapter.connect();
      adapters.set(collection, adapter);
    }
    return new MongoStore(client, adapters, options.log, options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS);
  } catch (error) {
    await client.close();
    throw asDomainError(error);
  }
}

/** Transactions run side by side; one that meets another is run again. A read outside of one sees what is committed at a majority. */
export class MongoStore implements ClosableStore {
  readonly isShared = true;
  private readonly lanes = new Lanes();
  private isClosed = false;

  constructor(
    private readonly client: MongoClient,
    private readonly adapters: ReadonlyMap<string, MongoDbAdapter>,
    private readonly log: Log,
    private readonly timeoutMs: number,
  ) {}

  get database(): Db {
    return this.client.db();
  }

  async get<Doc extends Document>(collection: string, id: string): Promise<Doc | null> {
    return this.ask(collection, (adapter) => adapter.findById(id)) as Promise<Doc | null>;
  }

  async getMany<Doc extends Document>(collection: string, ids: readonly string[]): Promise<Doc[]> {
    return this.ask(collection, (adapter) => adapter.findByIds([...new Set(ids)])) as Promise<object[]> as Promise<
      Doc[]
    >;
  }

  async find<Doc extends Document>(collection: string, { query, sort, limit }: Find): Promise<Doc[]> {
    if (limit === 0) return [];
    return this.ask(collection, (adapter) => adapter.find({ query, sort, limit })) as Promise<object[]> as Promise<
      Doc[]
    >;
  }

  async count(collection: string, query: Query): Promise<number> {
    return this.ask(collection, (adapter) => adapter.count({ query }));
  }

  async transaction<T>(work: (tx: DocumentTransaction) => Promise<T>): Promise<T> {
    this.assertOpen();
    const attempts = new Attempts(this.lanes, (name) => this.adapter(name), performance.now() + this.timeoutMs);
    try {
      const result = await runTransaction(this.client, (session) => attempts.run(session, work), {
        timeoutMs: this.timeoutMs,
      });
      if (attempts.callbacks.length > 0) await failpoint("outbox.committed");
      for (const callback of attempts.callbacks) this.runQuietly(callback);
      return result;
    } catch (error) {
      throw asDomainError(error);
    } finally {
      attempts.end();
    }
  }

  /** @throws where it does not answer. */
  async ping(): Promise<void> {
    await this.database.command({ ping: 1 });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.client.close();
  }

  private async ask<T>(collection: string, question: (adapter: MongoDbAdapter) => Promise<T>): Promise<T> {
    this.assertOpen();
    try {
      return await question(this.adapter(collection));
    } catch (error) {
      throw asDomainError(error);
    }
  }

  private adapter(name: string): MongoDbAdapter {
    const found = this.adapters.get(name);
    if (!found) throw new Error(`No collection ${name} was declared.`);
    return found;
  }

  private assertOpen(): void {
    if (this.isClosed) throw new UnavailableError("The documents store is closed.");
  }

  private runQuietly(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.log.error("What was to follow a commit failed:", error);
    }
  }
}
