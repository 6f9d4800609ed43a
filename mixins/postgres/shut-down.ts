import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Binaries } from "./binaries";
import { findPostmaster, untilGone } from "./postmaster";

const FAST_TIMEOUT_MS = 20_000;
const IMMEDIATE_TIMEOUT_MS = 5_000;

/** Fast shutdown; after a while an immediate one, from which the next start recovers. */
export async function shutDown(folder: string, pid: number, { pgCtl }: Binaries): Promise<void> {
  if ((await findPostmaster(folder))?.pid !== pid) return;
  if (process.platform === "win32") {
    await promisify(execFile)(pgCtl, ["stop", "-D", folder, "-m", "fast", "-w", "-t", "20"], { windowsHide: true });
    return;
  }
  signal(pid, "SIGINT");
  if (await untilGone(pid, FAST_TIMEOUT_MS)) return;
  signal(pid, "SIGQUIT");
  if (!(await untilGone(pid, IMMEDIATE_TIMEOUT_MS))) throw new Error(`PostgreSQL (process ${pid}) does not end.`);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
