import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runningProcess } from "../../lib/running-process";

const FILE = "process.json";
const PATIENCE_MS = 20_000;
const POLL_MS = 20;

/** A process that we started. With the time of its start a pid names one for ever, also when the number is given out anew. */
export interface ServerProcess {
  pid: number;
  started_at: string | null;
  /** How it is asked to end in good order. */
  stop_signal: NodeJS.Signals;
}

/** Notes in its folder which process runs there, so that anybody can end it when we are gone. */
export async function noteProcess(folder: string, pid: number, stop_signal: NodeJS.Signals): Promise<void> {
  const noted: ServerProcess = { pid, started_at: (await runningProcess(pid))?.startedAt ?? null, stop_signal };
  await writeFile(join(folder, FILE), `${JSON.stringify(noted)}\n`);
}

/** The process that runs on this folder. One of which only the number agrees is somebody else's. */
export async function processOf(folder: string): Promise<ServerProcess | undefined> {
  const noted = await readNote(folder);
  return noted !== undefined && (await isRunning(noted)) ? noted : undefined;
}

/** Ends what we started on this folder and waits until it is gone; one that does not go is killed. Answers whether one ran. */
export async function endProcessOf(folder: string, signal?: NodeJS.Signals): Promise<boolean> {
  const running = await processOf(folder);
  if (running !== undefined) await end(running, signal ?? running.stop_signal);
  await rm(join(folder, FILE), { force: true });
  return running !== undefined;
}

async function end(running: ServerProcess, signal: NodeJS.Signals): Promise<void> {
  for (const name of [signal, "SIGKILL"] as const) {
    if (!(await isRunning(running))) return;
    send(running.pid, name);
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      if (!(await isRunning(running))) return;
    }
  }
  throw new Error(`Process ${running.pid} does not end.`);
}

async function isRunning({ pid, started_at }: ServerProcess): Promise<boolean> {
  const found = await runningProcess(pid);
  return found?.startedAt !== undefined && found.startedAt === started_at;
}

async function readNote(folder: string): Promise<ServerProcess | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, FILE), "utf8")) as ServerProcess;
  } catch (error) {
    // Cut short by a power failure, it names nobody who still runs.
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
