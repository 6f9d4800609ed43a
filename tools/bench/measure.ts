import { ToolError } from "../run-tool";
import type { Benchmark, Figures } from "./benchmark";
import { Lab } from "./lab";

/** No benchmark needs half of it: one that hangs is told, and the others have their turn. */
const MOST_MINUTES = 15;

/** Runs one benchmark. Also where it fails or is interrupted nothing is left: neither a process nor a folder. */
export async function measure(benchmark: Benchmark): Promise<Figures> {
  const lab = await Lab.open();
  const interrupt = (): void => void lab.end().finally(() => process.exit(130));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const error = new ToolError(`${benchmark.names.join(", ")}: not done after ${MOST_MINUTES} minutes.`);
    timer = setTimeout(() => reject(error), MOST_MINUTES * 60_000);
  });
  try {
    return await Promise.race([benchmark.run(lab), tooLong]);
  } finally {
    clearTimeout(timer);
    await lab.end();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}
