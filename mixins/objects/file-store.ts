import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, mkdir, open, readdir, rm, truncate, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { durableRename } from "./durable-rename";
import { ObjectMissingError } from "./object-errors";
import { readFacts, writeObjectFile } from "./object-file";
import { requireKey, requirePrefix } from "./object-key";
import type { ByteRange, ObjectFacts, ObjectStore } from "./object-store";

/** What is being written or worked on. No key begins with a dot. */
const UNFINISHED = ".unfinished";

/** Tells files that this process is writing from those that a dead one left. */
const mine = randomBytes(6).toString("hex");
let count = 0;

/** Objects as files of one folder, which one process has for itself. Removes what a process that died left unfinished. */
export async function openFileStore(folder: string): Promise<ObjectStore> {
  const unfinished = join(folder, UNFINISHED);
  await mkdir(unfinished, { recursive: true });
  for (const name of await readdir(unfinished)) {
    if (!name.startsWith(mine)) await rm(join(unfinished, name), { recursive: true, force: true });
  }
  return new FileStore(folder);
}

class FileStore implements ObjectStore {
  constructor(private readonly folder: string) {}

  async put(key: string, body: Readable | Buffer, options: { maxBytes?: number } = {}): Promise<ObjectFacts> {
    const unfinished = this.newFile();
    try {
      const path = this.pathOf(key);
      const facts = await writeObjectFile(unfinished, body, options.maxBytes ?? Number.POSITIVE_INFINITY);
      await durableRename(unfinished, path);
      return facts;
    } catch (error) {
      await rm(unfinished, { force: true });
      if (body instanceof Readable) body.destroy();
      throw error;
    }
  }

  async stat(key: string): Promise<ObjectFacts | undefined> {
    const file = await this.open(key);
    if (file === undefined) return undefined;
    try {
      return await readFacts(file);
    } finally {
      await file.close();
    }
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    const file = await this.open(key);
    if (file === undefined) throw new ObjectMissingError(key);
    try {
      const { sizeBytes } = await readFacts(file);
      const { start, end } = within(range, sizeBytes);
      if (start <= end) return file.createReadStream({ start, end });
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return Readable.from([], { objectMode: false });
  }

  async removePrefix(prefix: string): Promise<void> {
    requirePrefix(prefix);
    const path = join(this.folder, ...`${prefix}*`.split("/"));
    if (prefix.endsWith("/")) return rm(dirname(path), { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
    const beginning = prefix.slice(prefix.lastIndexOf("/") + 1);
    for (const name of await namesIn(dirname(path))) {
      if (name.startsWith(beginning)) await rm(join(dirname(path), name), { recursive: true, force: true });
    }
  }

  async withFile<T>(key: string, work: (path: string) => Promise<T>): Promise<T> {
    const path = this.pathOf(key);
    const copy = this.newFile();
    try {
      await copyFile(path, copy, constants.COPYFILE_FICLONE).catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" || error.code === "ENOTDIR" ? new ObjectMissingError(key) : error;
      });
      await truncate(copy, await bodySize(copy));
      return await work(copy);
    } finally {
      await rm(copy, { force: true });
    }
  }

  private pathOf(key: string): string {
    requireKey(key);
    return join(this.folder, ...key.split("/"));
  }

  private newFile(): string {
    return join(this.folder, UNFINISHED, `${mine}-${count++}`);
  }

  private async open(key: string): Promise<FileHandle | undefined> {
    try {
      const file = await open(this.pathOf(key), "r");
      if ((await file.stat()).isFile()) return file;
      await file.close();
      return undefined;
    } catch (error) {
      if (["ENOENT", "ENOTDIR", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
      throw error;
    }
  }
}

async function bodySize(path: string): Promise<number> {
  const file = await open(path, "r");
  try {
    return (await readFacts(file)).sizeBytes;
  } finally {
    await file.close();
  }
}

/** What of the range there is. The whole where none is asked. */
function within(range: ByteRange | undefined, sizeBytes: number): ByteRange {
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  if (start < 0 || end < start - 1) throw new RangeError(`No range of bytes: ${start}-${end}`);
  return { start, end: Math.min(end, sizeBytes - 1) };
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return [];
    throw error;
  });
}
