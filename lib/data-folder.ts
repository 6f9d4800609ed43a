import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import { runningProcess } from "./running-process";

const LOCK_FILE = "in-use.json";

interface Holder {
  pid: number;
  started_at: string | null;
  host: string;
}

export interface HeldFolder {
  release(): Promise<void>;
}

export class DataFolderInUseError extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(
      `The data folder ${folder} is in use by process ${pid}. Stop that process first, or set DATA_DIR to another folder.`,
    );
    this.name = "DataFolderInUseError";
  }
}

/**
 * Keeps every other process off this folder, made where it is missing, until `release` or the end of this process.
 * @throws {DataFolderInUseError} while another process holds it; nothing in the folder was touched then.
 */
export async function holdDataFolder(dataDir: string): Promise<HeldFolder> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, LOCK_FILE);
  const self = await describeSelf();
  const mine = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  await writeFile(mine, JSON.stringify(self), { flag: "wx" });
  try {
    while (!(await claim(mine, file))) await removeIfLeft(dataDir, file);
  } finally {
    await rm(mine, { force: true });
  }
  return { release: () => release(file, self) };
}

/** The process that holds this folder now, for tools that would disturb it. */
export async function holderOf(dataDir: string): Promise<number | undefined> {
  const holder = await read(join(dataDir, LOCK_FILE));
  return holder && (await isAlive(holder)) ? holder.pid : undefined;
}

/** A hard link appears with its content or not at all, so that nobody reads half a lock. */
async function claim(mine: string, file: string): Promise<boolean> {
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EEXIST") return false;
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "ENOSYS") throw error;
    return claimByWriting(mine, file);
  }
}

/** For file systems without hard links (FAT, some network and shared folders). */
async function claimByWriting(mine: string, file: string): Promise<boolean> {
  try {
    await writeFile(file, await readFile(mine), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Takes away the lock of a process that ended without releasing it. */
async function removeIfLeft(dataDir: string, file: string): Promise<void> {
  const holder = await read(file);
  if (!holder) return;
  if (await isAlive(holder)) throw new DataFolderInUseError(dataDir, holder.pid);
  // Moved first: of two that saw the same leftover only one moves it, and a newer lock moved by mistake is put back.
  const aside = `${file}.left.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const moved = await read(aside);
  if (moved && !isSame(moved, holder)) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function release(file: string, self: Holder): Promise<void> {
  const holder = await read(file);
  if (holder && isSame(holder, self)) await rm(file, { force: true });
}

/** Undefined when there is none; a file that holds no lock counts as left behind by nobody alive. */
async function read(file: string): Promise<Holder | undefined> {
  try {
    const text = await readFile(file, "utf8");
    return parse(text) ?? { pid: 0, started_at: null, host: text };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Holder;
    return Number.isInteger(holder.pid) ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** A pid used again by a later process has another start time. */
async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.pid <= 0) return false;
  const found = await runningProcess(holder.pid);
  if (!found) return false;
  return holder.started_at === null || found.startedAt === undefined || found.startedAt === holder.started_at;
}

async function describeSelf(): Promise<Holder> {
  const self = await runningProcess(process.pid);
  return { pid: process.pid, started_at: self?.startedAt ?? null, host: hostname() };
}

function isSame(a: Holder, b: Holder): boolean {
  return a.pid === b.pid && a.started_at === b.started_at && a.host === b.host;
}
