import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { UnavailableError } from "../../lib/errors";
import { failpoint } from "../failpoint";
import type { ClosableStore } from "./closable-store";
import type { CollectionSpec, Document, DocumentTransaction, Find, Query } from "./document-store";
import { applyWrites, GroupCommit } from "./group-commit";
import type { Log } from "./log";
import { NedbCollection } from "./nedb-collection";
import { NedbTransaction } from "./nedb-transaction";
import { RedoRecord } from "./redo-record";
import { Turns } from "./turns";
import { withinTime } from "./within-time";

const TRANSACTION_TIMEOUT_MS = 10_000;

export interface NedbStoreOptions {
  folder: string;
  collections: Record<string, CollectionSpec>;
  log: Log;
  /**
   * Survive a loss of power too, not only the end of the process, which the page cache does. True unless given: groups
   * share the syncs. Likes/s of 1, 10, 100 people at once: 245, 1,170, 4,580; without it 510, 1,980, 5,160 (2 cores).
   */
  isSynced?: boolean;
  transactionTimeoutMs?: number;
}

/** Two stores in one folder would apply each other's redo record. */
const openFolders = new Set<string>();

/** Opens the store, after completing a commit that a crash cut short. */
export async function openNedbStore(options: NedbStoreOptions): Promise<ClosableStore> {
  const folder = resolve(options.folder);
  if (openFolders.has(folder)) throw new Error(`The documents in ${folder} are open already in this process.`);
  openFolders.add(folder);
  try {
    await mkdir(folder, { recursive: true });
    const { log, isSynced = true } = options;
    const collections = new Map<string, NedbCollection>();
    for (const [name, spec] of Object.entries(options.collections))
      collections.set(name, await NedbCollection.open(folder, name, spec, log));

    const redo = new RedoRecord(folder, isSynced);
    const interrupted = await redo.read();
    if (interrupted) {
      await applyWrites(interrupted, collections, true);
      await redo.remove();
      log.info("A commit that a crash had interrupted was completed.");
    }
    const commits = new GroupCommit(redo, collections, { isSynced, log });
    return new NedbStore(folder, collections, commits, log, options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS);
  } catch (error) {
    openFolders.delete(folder);
    throw error;
  }
}

/**
 * Transactions run one after the other in the order of asking and are stored in groups. A read outside of one sees all
 * of a committed transaction or nothing of it; two such reads are two moments.
 */
class NedbStore implements ClosableStore {
  readonly isShared = false;
  private readonly turns = new Turns();
  private isClosed = false;

  constructor(
    private readonly folder: string,
    private readonly collections: ReadonlyMap<string, NedbCollection>,
    private readonly commits: GroupCommit,
    private readonly log: Log,
    private readonly timeoutMs: number,
  ) {}

  async get<Doc extends Document>(collection: string, id: string): Promise<Doc | null> {
    return this.read(collection, (stored) => stored.get(id) as Promise<Doc | null>);
  }

  async getMany<Doc extends Document>(collection: string, ids: readonly string[]): Promise<Doc[]> {
    return this.read(collection, (stored) => stored.getMany(ids) as Promise<Doc[]>);
  }

  async find<Doc extends Document>(collection: string, find: Find): Promise<Doc[]> {
    return this.read(collection, (stored) => stored.find(find) as Promise<Doc[]>);
  }

  async count(collection: string, query: Query): Promise<number> {
    return this.read(collection, (stored) => stored.count(query));
  }

  async transaction<T>(work: (tx: DocumentTransaction) => Promise<T>): Promise<T> {
    this.assertUsable();
    const tx = new NedbTransaction((name) => this.collection(name), this.commits);
    // The turn ends with the work, not with the storing: so the next ones can join its group.
    const { result, stored } = await this.turns.take(() => this.runWork(tx, work));
    await stored;
    if (tx.callbacks.length > 0) await failpoint("outbox.committed");
    for (const callback of tx.callbacks) this.runQuietly(callback);
    return result;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await this.turns.idle();
    await this.commits.idle();
    for (const collection of this.collections.values()) await collection.close();
    openFolders.delete(this.folder);
  }

  private async runWork<T>(tx: NedbTransaction, work: (tx: DocumentTransaction) => Promise<T>) {
    this.commits.assertUsable();
    const { generation } = this.commits;
    try {
      const result = await withinTime(work(tx), this.timeoutMs, "A transaction of documents");
      if (generation !== this.commits.generation)
        throw new UnavailableError("What this transaction had read could not be stored. Try again.");
      // One that only read may have read what is still being stored: its answer waits for that.
      const stored = tx.writes.isEmpty ? this.commits.settled() : this.commits.add(tx.writes);
      stored.catch(() => undefined);
      return { result, stored };
    } finally {
      tx.close();
    }
  }

  /** Waits while a commit is applied. Begun before one it is in NeDB's queue before its writes. */
  private async read<T>(collection: string, ask: (stored: NedbCollection) => Promise<T>): Promise<T> {
    while (this.commits.applying) await this.commits.applying.catch(() => undefined);
    this.assertUsable();
    return ask(this.collection(collection));
  }

  private collection(name: string): NedbCollection {
    const found = this.collections.get(name);
    if (!found) throw new Error(`No collection ${name} was declared.`);
    return found;
  }

  private assertUsable(): void {
    if (this.isClosed) throw new UnavailableError("The documents store is closed.");
    this.commits.assertUsable();
  }

  private runQuietly(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.log.error("What was to follow a commit failed:", error);
    }
  }
}
