import { spawn } from "node:child_process";
import type { Writable } from "node:stream";
import { extname, join, resolve } from "node:path";
import { projectRoot } from "../../lib/project-root";

let watcher: Writable | undefined;
const guarded = new Set<string>();

/**
 * Ends what runs on this folder when this process ends without dismissing it, even by SIGKILL: a second process waits at
 * the other end of a pipe. With `remove` the folder goes too.
 */
export async function guard(folder: string, { remove = false } = {}): Promise<() => void> {
  const path = resolve(folder);
  watcher ??= startWatcher();
  guarded.add(path);
  tell({ guard: path, remove });
  return () => {
    if (!guarded.delete(path)) return;
    tell({ dismiss: path });
    if (guarded.size > 0) return;
    watcher?.end();
    watcher = undefined;
  };
}

function tell(word: { guard: string; remove: boolean } | { dismiss: string }): void {
  watcher?.write(`${JSON.stringify(word)}\n`);
}

function startWatcher(): Writable {
  const program = join(__dirname, `end-guarded${extname(__filename)}`);
  const loader = extname(__filename) === ".ts" ? ["--import", "tsx"] : [];
  const child = spawn(process.execPath, [...loader, program], {
    // A session of its own: what ends our group must not end it.
    detached: true,
    cwd: projectRoot,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.unref();
  const { stdin } = child;
  // A pipe keeps Node awake; this one must not.
  (stdin as unknown as { unref(): void }).unref();
  // Somebody ended it: then nothing is guarded, which is no reason to fail.
  stdin.on("error", () => undefined);
  return stdin;
}
