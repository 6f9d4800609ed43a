import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "../lib/project-root";
import type { Benchmark, Row } from "./bench/benchmark";
import { fanOut } from "./bench/fan-out";
import { feedLatency, feedRead } from "./bench/feed-read";
import { idleMemory } from "./bench/idle-memory";
import { Lab } from "./bench/lab";
import { manyPosts } from "./bench/many-posts";
import { renditions } from "./bench/renditions";
import { tableLines } from "./bench/show-table";
import { runTool, ToolError } from "./run-tool";

const benchmarks: readonly Benchmark[] = [feedRead, feedLatency, fanOut, renditions, manyPosts, idleMemory];

const usage = `Usage: npm run bench [-- --only NAME] [--json FILE]

  --only NAME  of one benchmark; may be given several times
  --json FILE  where the rows go (bench/latest.json)

${benchmarks.map(({ name, about }) => `${name}\n  ${about}`).join("\n")}`;

async function main(args: string[]): Promise<void> {
  const options = { only: { type: "string", multiple: true }, json: { type: "string" } } as const;
  const { values } = parseArgs({ args, options });
  const rows: Row[] = [];
  for (const benchmark of chosen(values.only)) {
    process.stdout.write(`\n${benchmark.about}\n`);
    rows.push(...(await measure(benchmark)));
  }
  process.stdout.write(`\n${tableLines(rows).join("\n")}\n\n`);
  const json = `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`;
  process.stdout.write(json);
  const file = values.json ?? join(projectRoot, "bench", "latest.json");
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, json);
}

/** Also where a run is interrupted nothing is left: neither a process nor a folder. */
async function measure(benchmark: Benchmark): Promise<Row[]> {
  const lab = new Lab();
  const interrupt = (): void => void lab.end().finally(() => process.exit(130));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  try {
    return await benchmark.run(lab);
  } finally {
    await lab.end();
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** The row's name will do as well, for feed_p99_ms is measured with feed_p50_ms. */
function chosen(names: readonly string[] | undefined): readonly Benchmark[] {
  if (names === undefined) return benchmarks;
  const known = new Map(benchmarks.map((benchmark) => [benchmark.name, benchmark]));
  known.set("feed_p99_ms", feedLatency);
  const found = names.map((name) => {
    const benchmark = known.get(name);
    if (benchmark === undefined) throw new ToolError(`There is no ${name}. There are ${[...known.keys()].join(", ")}.`);
    return benchmark;
  });
  return [...new Set(found)];
}

if (require.main === module) runTool(usage, main);
