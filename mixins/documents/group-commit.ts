import { UnavailableError } from "../../lib/errors";
import { failpoint } from "../failpoint";
import type { Document } from "./document-store";
import type { Log } from "./log";
import type { NedbCollection } from "./nedb-collection";
import type { RedoRecord } from "./redo-record";
import { Writes } from "./writes";

interface Group {
  writes: Writes;
  stored: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * Makes finished transactions durable, as many at a time as came while the ones before were stored: redo record, then
 * the collections, then the record is removed. Each sees what those before it wrote, so that they stand or fall together.
 */
export class GroupCommit {
  private waiting: Group | undefined;
  private storing: Group | undefined;
  private running: Promise<void> | undefined;
  /** Set while collections are changed: readers outside of transactions wait for it. */
  applying: Promise<void> | undefined;
  /** Raised when writes that a transaction may have seen came to nothing. */
  generation = 0;
  private failure: UnavailableError | undefined;

  constructor(
    private readonly redo: RedoRecord,
    private readonly collections: ReadonlyMap<string, NedbCollection>,
    private readonly options: { isSynced: boolean; log: Log },
  ) {}

  /** The newest after-image that is not in its collection yet. */
  get(collection: string, id: string): Document | null | undefined {
    const after = this.waiting?.writes.get(collection, id);
    return after === undefined ? this.storing?.writes.get(collection, id) : after;
  }

  /** Resolves when these writes are stored and in sight of every reader. */
  add(writes: Writes): Promise<void> {
    if (!this.waiting) {
      this.waiting = newGroup();
      this.running ??= this.run();
    }
    this.waiting.writes.add(writes);
    return this.waiting.stored;
  }

  /** When all that a transaction could have seen until now is stored; rejects when it came to nothing. */
  async settled(): Promise<void> {
    await (this.waiting ?? this.storing)?.stored;
  }

  async idle(): Promise<void> {
    await this.running;
  }

  /** @throws {UnavailableError} when a commit broke off half-way: the next start completes it. */
  assertUsable(): void {
    if (this.failure) throw this.failure;
  }

  private async run(): Promise<void> {
    // Those whose turn comes in this very moment join the first group.
    await Promise.resolve();
    while (this.waiting) {
      const group = (this.storing = this.waiting);
      this.waiting = undefined;
      try {
        await this.store(group.writes);
        this.storing = undefined;
        group.resolve();
        await this.compact();
      } catch (error) {
        this.storing = undefined;
        this.giveUp(group, error);
      }
    }
    this.running = undefined;
  }

  private async store(writes: Writes): Promise<void> {
    this.assertUsable();
    await failpoint("documents.before-redo");
    await this.redo.prepare(writes);
    try {
      await this.redo.publish();
      await failpoint("documents.redo-written");
      await this.apply(writes);
      await failpoint("documents.applied");
      await this.redo.remove();
    } catch (error) {
      this.breakOff(error);
    }
    this.assertUsable();
  }

  private async apply(writes: Writes): Promise<void> {
    this.applying = applyWrites(writes, this.collections, this.options.isSynced)
      .catch((error: unknown) => this.breakOff(error))
      .finally(() => (this.applying = undefined));
    await this.applying;
    this.assertUsable();
  }

  /** Retrying could append to half a line. The redo record is there, and opening anew is what makes it good. */
  private breakOff(error: unknown): void {
    if (this.failure) return;
    this.failure = new UnavailableError("The documents store could not write to its disk and stopped. Restart it.");
    this.options.log.error("A commit broke off half-way; the next start will complete it.", error);
  }

  /** Whoever waits may have read what is lost now. */
  private giveUp(group: Group, error: unknown): void {
    this.generation++;
    group.reject(error);
    this.waiting?.reject(error);
    this.waiting = undefined;
  }

  /** Between two groups, so that it never runs beside an append; readers wait in NeDB's own queue. */
  private async compact(): Promise<void> {
    for (const collection of this.collections.values()) {
      if (!collection.isDueForCompaction) continue;
      await collection.compact().catch((error: unknown) => {
        this.options.log.warn(`${collection.file} could not be compacted and goes on growing:`, error);
      });
    }
  }
}

/** Brings every collection to these after-images; doing it again changes nothing more. */
export async function applyWrites(
  writes: Writes,
  collections: ReadonlyMap<string, NedbCollection>,
  isSynced: boolean,
): Promise<void> {
  const touched = [...writes.byCollection].map(([name, images]) => {
    const collection = collections.get(name);
    if (!collection) throw new Error(`There are writes to ${name}, and no collection of this name is declared.`);
    return { collection, images };
  });
  const [first, ...others] = touched;
  await first?.collection.apply(first.images);
  await failpoint("documents.half-applied");
  // Waits for all, also when one fails: nothing may still be written when the store says that it stopped.
  const applied = await Promise.allSettled(others.map(({ collection, images }) => collection.apply(images)));
  for (const each of applied) if (each.status === "rejected") throw each.reason;
  if (isSynced) await Promise.all(touched.map(({ collection }) => collection.sync()));
}

function newGroup(): Group {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const stored = new Promise<void>((onStored, onLost) => {
    resolve = onStored;
    reject = onLost;
  });
  // Each transaction of the group handles it; a group whose transactions all gave up meanwhile must not end the process.
  stored.catch(() => undefined);
  return { writes: new Writes(), stored, resolve, reject };
}
