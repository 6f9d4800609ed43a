import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../lib/project-root";
import type { Benchmark, Row } from "./bench/benchmark";
import { benchmarks } from "./bench/benchmarks";
import { machine } from "./bench/machine";
import { measure } from "./bench/measure";
import { plot } from "./bench/plot";
import { tableLines } from "./bench/show-table";
import { runTool, ToolError } from "./run-tool";

const folder = join(projectRoot, "bench");

const usage = `Usage: npm run bench [-- --only NAME] [--json FILE]

  --only NAME  of a row; may be given several times
  --json FILE  where the rows go (bench/results.json of a whole run, bench/latest.json of a part)

Sweeps are drawn into bench/NAME.svg.

${benchmarks.map(({ names, about }) => `${names.join(", ")}\n  ${about}`).join("\n")}`;

async function main(args: string[]): Promise<void> {
  const options = { only: { type: "string", multiple: true }, json: { type: "string" } } as const;
  const { values } = parseArgs({ args, options });
  const asked = chosen(values.only);
  await mkdir(folder, { recursive: true });
  process.stdout.write(`${machine()}\n`);
  const began = performance.now();
  const rows: Row[] = [];
  const failures: string[] = [];
  for (const [i, benchmark] of asked.entries()) {
    process.stdout.write(`\n${i + 1}/${asked.length}  ${benchmark.names.join(", ")}\n${benchmark.about}\n`);
    try {
      rows.push(...(await figuresOf(benchmark)));
    } catch (error) {
      // What the others tell is not lost with it.
      failures.push(`${benchmark.names.join(", ")}: ${error instanceof Error ? error.message : String(error)}`);
      process.stderr.write(`  NOT MEASURED: ${error instanceof Error ? error.stack : String(error)}\n`);
    }
  }
  process.stdout.write(`\n${tableLines(rows).join("\n")}\n\n`);
  const json = `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`;
  const file = values.json ?? join(folder, values.only === undefined ? "results.json" : "latest.json");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, json);
  process.stdout.write(`${file}, after ${Math.round((performance.now() - began) / 1000)} s\n`);
  if (failures.length > 0) throw new ToolError(`Not measured:\n${failures.join("\n")}`);
}

async function figuresOf(benchmark: Benchmark): Promise<Row[]> {
  const { rows, sweeps = [] } = await measure(benchmark);
  for (const sweep of sweeps) await writeFile(join(folder, `${sweep.name}.svg`), plot(sweep, machine()));
  return rows;
}

function chosen(names: readonly string[] | undefined): readonly Benchmark[] {
  if (names === undefined) return benchmarks;
  const known = benchmarks.flatMap((benchmark) => benchmark.names);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new ToolError(`There is no ${unknown.join(", ")}. There are ${known.join(", ")}.`);
  return benchmarks.filter((benchmark) => benchmark.names.some((name) => names.includes(name)));
}

if (require.main === module) runTool(usage, main);
