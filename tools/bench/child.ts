import { fork } from "node:child_process";
import { once } from "node:events";
import { extname, join } from "node:path";

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 40_000;

export interface ChildNode {
  pid: number;
  url: URL;
  /** From its birth until it was ready. */
  startMs: number;
  stop(): Promise<void>;
}

export interface Ready {
  url: string;
}

/** Starts one of the programs in `children/`, which sends `{ url }` when it is ready and ends when its channel closes. */
export async function startChild(
  program: "serve" | "static-server" | "redis-server" | "stream-server" | "echo",
  input: Record<string, string>,
): Promise<ChildNode> {
  const began = performance.now();
  const child = fork(join(__dirname, "children", program + extname(__filename)), [], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), START_TIMEOUT_MS);
  child.send(input);
  const first = await Promise.race([once(child, "message") as Promise<[Ready]>, ended.then(() => undefined)]);
  clearTimeout(timer);
  if (first === undefined) throw new Error(`${program} ended before it was ready.`);
  const startMs = performance.now() - began;
  return {
    pid: child.pid!,
    url: new URL(first[0].url),
    startMs,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      if (child.connected) child.disconnect();
      await ended;
      clearTimeout(timer);
    },
  };
}
