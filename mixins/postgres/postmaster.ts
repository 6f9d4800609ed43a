import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runningProcess } from "../../lib/running-process";

const POLL_MS = 15;

/** What a running server says of itself in `postmaster.pid` of its data folder. */
export interface Postmaster {
  pid: number;
  port: number;
  isReady: boolean;
}

/** Lines of the file: pid, data folder, start time, port, socket folder, listen address, shared memory, status. */
export async function readPostmaster(folder: string): Promise<Postmaster | undefined> {
  try {
    const lines = (await readFile(join(folder, "postmaster.pid"), "utf8")).split("\n");
    const pid = Math.abs(Number(lines[0]));
    if (!Number.isInteger(pid) || pid === 0) return undefined;
    return { pid, port: Number(lines[3] ?? 0), isReady: lines[7]?.trim() === "ready" };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The server that runs on this folder. The file of one that was killed is no server. */
export async function findPostmaster(folder: string): Promise<Postmaster | undefined> {
  const postmaster = await readPostmaster(folder);
  if (!postmaster) return undefined;
  const found = await runningProcess(postmaster.pid);
  return found && (found.command === undefined || isPostgres(found.command)) ? postmaster : undefined;
}

/** PostgreSQL takes a leftover file for a running server when its pid now belongs to some other program. */
export async function disarmLeftover(folder: string): Promise<void> {
  const leftover = await readPostmaster(folder);
  if (!leftover) return;
  const found = await runningProcess(leftover.pid);
  if (found?.command === undefined || isPostgres(found.command)) return;
  // PostgreSQL passes over its parent's pid. The rest must stay: it tells whether backends of the killed server still run.
  const file = join(folder, "postmaster.pid");
  const [, ...rest] = (await readFile(file, "utf8")).split("\n");
  await writeFile(file, [process.pid, ...rest].join("\n"));
}

function isPostgres(command: string): boolean {
  return command.startsWith("postgres");
}

/** Waits until the server of this folder takes connections. Undefined when it went away, or `hasFailed` says so, or time is up. */
export async function untilReady(
  folder: string,
  timeoutMs: number,
  hasFailed: () => boolean | Promise<boolean> = () => false,
  expectedPid?: number,
): Promise<Postmaster | undefined> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline && !(await hasFailed())) {
    const postmaster = await readPostmaster(folder);
    const isExpected = expectedPid === undefined || postmaster?.pid === expectedPid;
    if (postmaster?.isReady && isExpected && (await findPostmaster(folder))) return postmaster;
    await sleep(POLL_MS);
  }
  return undefined;
}

/** Whether the process ended in time. */
export async function untilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (await runningProcess(pid)) {
    if (Date.now() >= deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}
