import type { Config } from "../lib/config";
import { armFailpoint } from "../mixins/failpoint";

/** Long enough for the answer that is on its way to leave: what was acknowledged is what must survive. */
const lastMs = 300;

/** What a process writes before it dies there. */
export function deathAt(failpoint: string): string {
  return `Killed at the fail-point ${failpoint}.`;
}

/** Holds the process at the configured place for a moment and kills it there, as a power cut would. */
export function armFromConfig({ failpoint }: Config): void {
  if (failpoint === undefined) return;
  armFailpoint(failpoint, () => {
    setTimeout(() => {
      process.stderr.write(`${deathAt(failpoint)}\n`);
      process.kill(process.pid, "SIGKILL");
    }, lastMs);
    return new Promise<void>(() => undefined);
  });
}
