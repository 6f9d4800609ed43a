import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { runTool, ToolError, wholeNumber } from "./run-tool";
import { historyFile, torture } from "./torture/run";
import { shortest, told } from "./torture/shortest";

const usage = `Usage: npm run torture -- [--seconds N] [--seed N] [--file FILE] [--keep]

Starts a fleet on servers of its own, on this machine, and lets people write and read there while processes and servers are killed,
stopped and restarted, one after the other. Then all heals, and what was seen and what is stored is held against the promises of
docs/promises.md. Ends with 1 and the shortest history that breaks one, if any does.

  --seconds N    of faults and requests (60)
  --seed N       of all that is chosen (1)
  --file FILE    to which the history is written, as lines of JSON
  --keep         leave the folder with all logs and data, and say where it is`;

async function main(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ args, options: { seconds: text, seed: text, file: text, keep: { type: "boolean" } } });
  const seed = wholeNumber("seed", values.seed, 1);
  const file = values.file ?? historyFile(tmpdir(), seed);
  const { history, state, violations, inflicted, failures } = await torture({
    seed,
    seconds: wholeNumber("seconds", values.seconds, 60),
    file,
    keepsFolder: values.keep === true,
  });
  process.stdout.write(
    `${history.operations.length} operations and ${inflicted.length} faults are written down in ${file}.\n`,
  );
  for (const failure of failures) process.stdout.write(`  ${failure}\n`);
  const broken = shortest(violations, history, state);
  if (broken === undefined) {
    process.stdout.write("All seven promises were kept.\n");
    return;
  }
  const { violation, operations } = broken;
  for (const { promise, what } of violations.slice(0, 20)) process.stdout.write(`Promise ${promise}: ${what}\n`);
  throw new ToolError(
    `${violations.length} times a promise was broken. The shortest history that shows it, of promise ${violation.promise}:\n\n` +
      `${told(operations, history)}\n\n${violation.what}`,
  );
}

if (require.main === module) runTool(usage, main);
