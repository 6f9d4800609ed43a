import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { runningProcess } from "./running-process";

/** Each takeover counts one up, so that of many that see the same leftover only one can make the next file. */
const LOCK_FILE = /^in-use\.(\d+)\.json$/;

interface Holder {
  pid: number;
  started_at: string | null;
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
  const mine = join(dataDir, `in-use.${process.pid}.${randomBytes(4).toString("hex")}.new`);
  await writeFile(mine, JSON.stringify(await describeSelf()), { flag: "wx" });
  try {
    const file = await claimNext(dataDir, mine);
    return { release: () => rm(file, { force: true }) };
  } finally {
    await rm(mine, { force: true });
  }
}

/** The process that holds this folder now, for tools that would disturb it. */
export async function holderOf(dataDir: string): Promise<number | undefined> {
  for (const number of await lockNumbers(dataDir)) {
    const holder = await read(lockFile(dataDir, number));
    if (holder && (await isAlive(holder))) return holder.pid;
  }
  return undefined;
}

async function claimNext(dataDir: string, mine: string): Promise<string> {
  for (;;) {
    const left = await lockNumbers(dataDir);
    const holder = await holderOf(dataDir);
    if (holder !== undefined) throw new DataFolderInUseError(dataDir, holder);
    const number = Math.max(0, ...left) + 1;
    const file = lockFile(dataDir, number);
    if (!(await claim(mine, file))) continue;
    await yieldToOthers(dataDir, number);
    return file;
  }
}

/** One that looked long ago may have counted to a number that was free again: whoever finds another holder steps back. */
async function yieldToOthers(dataDir: string, number: number): Promise<void> {
  for (const other of await lockNumbers(dataDir)) {
    if (other === number) continue;
    const holder = await read(lockFile(dataDir, other));
    if (holder && (await isAlive(holder))) {
      await rm(lockFile(dataDir, number), { force: true });
      throw new DataFolderInUseError(dataDir, holder.pid);
    }
    await rm(lockFile(dataDir, other), { force: true });
  }
}

async function lockNumbers(dataDir: string): Promise<number[]> {
  const names = await readdir(dataDir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.map((name) => Number(LOCK_FILE.exec(name)?.[1])).filter((number) => !Number.isNaN(number));
}

function lockFile(dataDir: string, number: number): string {
  return join(dataDir, `in-use.${number}.json`);
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

/** Undefined when there is none; a file that holds no lock counts as left behind by nobody alive. */
async function read(file: string): Promise<Holder | undefined> {
  try {
    const text = await readFile(file, "utf8");
    return parse(text) ?? { pid: 0, started_at: null };
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
  return { pid: process.pid, started_at: self?.startedAt ?? null };
}
