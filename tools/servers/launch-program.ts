import { type ChildProcess, spawn } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { noteProcess } from "./server-process";

const POLL_MS = 25;
const READY_TIMEOUT_MS = 60_000;

export interface Launch {
  program: string;
  args: readonly string[];
  folder: string;
  env?: Record<string, string>;
  isReady: () => Promise<boolean>;
}

/** Starts a server that outlives us and writes to `server.log` of its folder. Resolves once it is ready. @throws with what it said. */
export async function launchProgram({ program, args, folder, env, isReady }: Launch): Promise<void> {
  const log = join(folder, "server.log");
  const output = await open(log, "a", 0o600);
  try {
    const from = (await output.stat()).size;
    const child = spawn(program, args, {
      cwd: folder,
      // A session of its own: Ctrl-C reaches us alone, and we end it in good order.
      detached: true,
      env: { ...process.env, ...env },
      stdio: ["ignore", output.fd, output.fd],
    });
    child.unref();
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    if (child.pid !== undefined) await noteProcess(folder, child.pid, "SIGTERM");
    const outcome = await Promise.race([untilReady(child, isReady), failed]);
    if (outcome === "is ready") return;
    const said = (await readFile(log)).subarray(from).toString().trim();
    throw new Error(`${program} ${outcome}. It wrote to ${log}:\n${said.slice(-2000)}`);
  } finally {
    await output.close();
  }
}

async function untilReady(child: ChildProcess, isReady: () => Promise<boolean>): Promise<string> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
    if (child.exitCode !== null || child.signalCode !== null) return `ended (${child.exitCode ?? child.signalCode})`;
    if (await isReady()) return "is ready";
  }
  return `is not ready after ${READY_TIMEOUT_MS / 1000} s`;
}
