import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { runTool, ToolError, wholeNumber } from "./run-tool";
import { shortRun } from "./torture/each-fault-once";
import { mutants, runScenario } from "./torture/mutants";
import { historyFile, torture } from "./torture/run";
import { shortest, told } from "./torture/shortest";

const usage = `Usage: npm run torture -- [--seconds N] [--seed N] [--file FILE] [--keep] [--short]
       npm run torture -- --mutants [--only NAME]

Starts a fleet on servers of its own, on this machine, and lets people write and read there while processes and servers are killed,
stopped and restarted, one after the other. Then all heals, and what was seen and what is stored is held against the promises of
docs/promises.md. Ends with 1 and the shortest history that breaks one, if any does.

  --seconds N    of faults and requests (60)
  --seed N       of all that is chosen (1)
  --file FILE    to which the history is written, as lines of JSON
  --keep         leave the folder with all logs and data, and say where it is
  --short        each fault once, and no longer
  --mutants      instead: take one protection after the other away from a copy of the product, and see that it is caught; the same
                 run on the product as it is must keep every promise
  --only NAME    of the mutants, this one`;

async function main(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: {
      seconds: text,
      seed: text,
      file: text,
      keep: { type: "boolean" },
      mutants: { type: "boolean" },
      short: { type: "boolean" },
      only: text,
    },
  });
  if (values.mutants === true) return hunt(values.only);
  const seed = wholeNumber("seed", values.seed, 1);
  const file = values.file ?? historyFile(tmpdir(), seed);
  const { history, state, violations, inflicted, failures } = await torture({
    seed,
    seconds: wholeNumber("seconds", values.seconds, 60),
    file,
    keepsFolder: values.keep === true,
    ...(values.short === true ? shortRun : {}),
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

async function hunt(only: string | undefined): Promise<void> {
  const chosen = mutants.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0)
    throw new ToolError(`There is no mutant ${only}. There are: ${mutants.map(({ name }) => name).join(", ")}.`);
  const escaped: string[] = [];
  for (const mutant of chosen) {
    process.stdout.write(`\n${mutant.name}: ${mutant.about}\n`);
    const mutated = await runScenario(mutant, tmpdir(), true);
    const [first] = mutated.violations;
    process.stdout.write(
      first
        ? `  Caught, ${mutated.violations.length} times. Promise ${first.promise}: ${first.what}\n`
        : "  NOT CAUGHT\n",
    );
    const healthy = await runScenario(mutant, tmpdir(), false);
    const [wrong] = healthy.violations;
    process.stdout.write(
      wrong
        ? `  WITHOUT THE MUTANT TOO: ${wrong.what}\n`
        : "  The product as it is keeps every promise in the same run.\n",
    );
    if (first === undefined || wrong !== undefined) escaped.push(mutant.name);
  }
  if (escaped.length > 0) throw new ToolError(`Not told apart from the product: ${escaped.join(", ")}.`);
}

if (require.main === module) runTool(usage, main);
