import { ConfigError, type Config, configFromEnvironment } from "../lib/config";
import { DataFolderInUseError } from "../lib/data-folder";

const LINGER_MS = 3_000;

/** Something that the person at the keyboard can set right: told in a sentence, without a stack. */
export class ToolError extends Error {}

/** Runs what a command does, and ends the process with 1 (2: the configuration is not valid) when it cannot be done. */
export function runTool(usage: string, work: (args: string[]) => Promise<void>): void {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  work(args).then(
    // All is done: what a failed stop left open must not keep a terminal waiting.
    () => void setTimeout(() => process.exit(), LINGER_MS).unref(),
    (error: unknown) => {
      process.stderr.write(`${explain(error, usage)}\n`);
      process.exit(error instanceof ConfigError ? 2 : 1);
    },
  );
}

function explain(error: unknown, usage: string): string {
  if (!(error instanceof Error)) return String(error);
  if (isMistypedOption(error)) return `${error.message}\n\n${usage}`;
  if ([ToolError, ConfigError, DataFolderInUseError].some((known) => error instanceof known)) return error.message;
  return error.stack ?? error.message;
}

function isMistypedOption(error: Error): boolean {
  return String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS");
}

/** A whole number given as an option. */
export function wholeNumber(option: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (!/^\d{1,9}$/.test(value)) throw new ToolError(`--${option} must be a whole number, not "${value}".`);
  return Number(value);
}

/** The environment's configuration, of a node that joins no fleet; of logs, only what goes wrong is for a terminal. */
export function toolConfig(): Config {
  const config = configFromEnvironment({ isTool: true });
  return { ...config, natsUrl: undefined, zookeeperUrl: undefined, logLevel: "warn", logFormat: "short" };
}
