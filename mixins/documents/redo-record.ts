import { createHash } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Document } from "./document-store";
import { syncFolder } from "./sync-file";
import { Writes } from "./writes";

const SHAPE = /^\{"format":1,"sha256":"([0-9a-f]{64})","writes":(.*)\}$/s;

export class DamagedRedoRecordError extends Error {
  constructor(readonly file: string) {
    super(
      `The redo record ${file} is damaged: its checksum does not fit. Moved away, the rest opens without the last commit.`,
    );
    this.name = "DamagedRedoRecordError";
  }
}

/** What a commit is about to apply, kept in one file that is there whole or not at all. */
export class RedoRecord {
  readonly file: string;
  private readonly unfinished: string;

  constructor(
    private readonly folder: string,
    private readonly isSynced: boolean,
  ) {
    this.file = join(folder, "redo.json");
    this.unfinished = `${this.file}~`;
  }

  /** Writes it aside. Nothing counts yet, whatever happens. */
  async prepare(writes: Writes): Promise<void> {
    const handle = await open(this.unfinished, "w");
    try {
      await handle.writeFile(encode(writes));
      if (this.isSynced) await handle.datasync();
    } finally {
      await handle.close();
    }
  }

  /** From here on the writes are committed. */
  async publish(): Promise<void> {
    await rename(this.unfinished, this.file);
    if (this.isSynced) await syncFolder(this.folder);
  }

  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }

  /**
   * The writes of a commit that was cut short; undefined where none was.
   * @throws {DamagedRedoRecordError} no crash of this process leaves such a one, only damage to the disk's content.
   */
  async read(): Promise<Writes | undefined> {
    await rm(this.unfinished, { force: true });
    let text: string;
    try {
      text = await readFile(this.file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    const writes = decode(text);
    if (!writes) throw new DamagedRedoRecordError(this.file);
    return writes;
  }
}

function encode(writes: Writes): string {
  const body = stringify([...writes.byCollection].map(([collection, images]) => [collection, [...images]]));
  return `{"format":1,"sha256":"${checksum(body)}","writes":${body}}`;
}

function decode(text: string): Writes | undefined {
  const [, sum, body] = SHAPE.exec(text) ?? [];
  if (body === undefined || checksum(body) !== sum) return undefined;
  const writes = new Writes();
  for (const [collection, images] of JSON.parse(body, reviveDate) as [string, [string, Document | null][]][])
    for (const [id, after] of images) writes.set(collection, id, after);
  return writes;
}

function checksum(body: string): string {
  return createHash("sha256").update(body).digest("hex");
}

/** Dates as NeDB writes them. A stored field never begins with "$", so nothing else looks so. */
function stringify(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, encoded: unknown) {
    const original = this[key];
    return original instanceof Date ? { $$date: original.getTime() } : encoded;
  });
}

function reviveDate(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$$date" in value)) return value;
  return new Date(value.$$date as number);
}
