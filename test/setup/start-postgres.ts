import { spawn } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { startEmbedded } from "../../mixins/postgres/embedded";
import type { Log } from "../../mixins/postgres/log";
import { tempRoot } from "./temp-root";

export interface TestPostgres {
  stop(): Promise<void>;
}

declare global {
  var testPostgres: TestPostgres | undefined;
}

const log: Log = { info: () => undefined, warn: console.warn, error: console.error };

/** One PostgreSQL for the whole run of Jest; each test file makes databases of its own on it. */
export default async function startPostgres(): Promise<void> {
  const home = await mkdtemp(join(tempRoot(), "emulsion-test-"));
  // Open to be passed through, so that the server, which refuses to be root, reaches its folder in here.
  await chmod(home, 0o755);
  try {
    const server = await startEmbedded({ folder: join(home, "postgres"), log, maxConnections: 400, isThrowaway: true });
    const guard = guardAgainstInterruption(server.pid, home);
    process.env.TEST_DATABASE_URL = server.url;
    globalThis.testPostgres = {
      stop: async () => {
        await server.stop();
        guard.dismiss();
        await rm(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** A shell that waits for our end: when the pipe to it closes without a word, Jest was killed, and it clears up in our place. */
function guardAgainstInterruption(pid: number, home: string): { dismiss(): void } {
  if (process.platform === "win32") return { dismiss: () => undefined };
  const script =
    'read -r word && exit 0; kill -QUIT "$1"; i=0; while kill -0 "$1" && [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done; rm -rf "$2"';
  const guard = spawn("/bin/sh", ["-c", script, "guard", String(pid), home], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  const { stdin } = guard;
  (stdin as unknown as { unref(): void }).unref();
  return { dismiss: () => void stdin.end("done\n") };
}
