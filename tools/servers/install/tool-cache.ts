import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DataFolderInUseError, type HeldFolder, holdDataFolder } from "../../../lib/data-folder";

/** Longer than the longest build takes on a busy machine. */
const OTHERS_BUILD_TIMEOUT_MS = 30 * 60_000;

const underWay = new Map<string, Promise<string>>();

/** Programs outlive clones of the project and are shared by them: `~/.cache/emulsion/servers`, or under XDG_CACHE_HOME. */
export function toolCache(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "emulsion", "servers");
}

/**
 * The folder of this version of a tool, built at its first use. It appears whole or not at all, and of several processes
 * that want it at once one builds it.
 */
export function cached(tool: string, version: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(toolCache(), tool, version);
  let work = underWay.get(folder);
  if (work === undefined) {
    work = existsSync(folder) ? Promise.resolve(folder) : buildAlone(folder, build);
    underWay.set(folder, work);
    work.catch(() => underWay.delete(folder));
  }
  return work;
}

async function buildAlone(folder: string, build: (folder: string) => Promise<void>): Promise<string> {
  const home = join(folder, "..");
  const held = await holdPatiently(home);
  try {
    if (existsSync(folder)) return folder;
    for (const name of await readdir(home)) {
      // What a build that was killed left.
      if (name.endsWith(".unfinished")) await rm(join(home, name), { recursive: true, force: true });
    }
    const unfinished = `${folder}.${randomBytes(4).toString("hex")}.unfinished`;
    await mkdir(unfinished, { recursive: true });
    try {
      await build(unfinished);
      await rename(unfinished, folder);
    } catch (error) {
      await rm(unfinished, { recursive: true, force: true });
      throw error;
    }
    return folder;
  } finally {
    await held.release();
  }
}

async function holdPatiently(folder: string): Promise<HeldFolder> {
  for (const deadline = Date.now() + OTHERS_BUILD_TIMEOUT_MS; ; await sleep(500)) {
    try {
      return await holdDataFolder(folder);
    } catch (error) {
      if (!(error instanceof DataFolderInUseError) || Date.now() > deadline) throw error;
    }
  }
}
