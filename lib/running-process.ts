import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface RunningProcess {
  pid: number;
  /** Base name of its program, where the system tells. */
  command: string | undefined;
  /** When it started, in the system's own spelling: with the pid it names one process for ever. Undefined where the system does not tell. */
  startedAt: string | undefined;
}

/** The process of this pid; undefined when none runs (one that ended and waits to be reaped does not run). */
export async function runningProcess(pid: number): Promise<RunningProcess | undefined> {
  if (!mayRun(pid)) return undefined;
  if (process.platform === "linux") return fromProc(pid);
  if (process.platform === "win32") return { pid, command: undefined, startedAt: undefined };
  return fromPs(pid);
}

function mayRun(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** /proc/PID/stat: pid (command) state …, the 22nd field is the start in ticks since boot. The command may hold spaces and brackets. */
async function fromProc(pid: number): Promise<RunningProcess | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const boot = (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    const command = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
    return { pid, command, startedAt: `${boot}/${fields[19]}` };
  } catch {
    return mayRun(pid) ? { pid, command: undefined, startedAt: undefined } : undefined;
  }
}

async function fromPs(pid: number): Promise<RunningProcess | undefined> {
  try {
    const { stdout } = await run("ps", ["-p", String(pid), "-o", "stat=,lstart=,comm="]);
    const parts = /^\s*(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*?)\s*$/.exec(stdout);
    if (!parts || parts[1]?.startsWith("Z")) return undefined;
    return { pid, command: basename(parts[3] ?? ""), startedAt: parts[2] };
  } catch {
    return mayRun(pid) ? { pid, command: undefined, startedAt: undefined } : undefined;
  }
}
