import { spawn } from "node:child_process";
import { ToolError } from "../../run-tool";
import { announce } from "./announce";

const STILL_EVERY_MS = 20_000;
const KEPT_OUTPUT = 4_000;

export interface Build {
  /** What is being made, as the progress lines name it. */
  title: string;
  program: string;
  args: readonly string[];
  cwd: string;
  env?: Record<string, string>;
  /** Said when it starts, for what takes long. */
  expected?: string;
}

/** Runs one step of an installation, with a line every while that it takes. @throws {ToolError} with the end of what it said. */
export async function runBuild({ title, program, args, cwd, env, expected }: Build): Promise<void> {
  const began = performance.now();
  const seconds = (): string => `${Math.round((performance.now() - began) / 1000)} s`;
  if (expected !== undefined) announce(`${title}, ${expected}`);
  const still = setInterval(() => announce(`${title} … ${seconds()}`), STILL_EVERY_MS);
  try {
    await run(title, program, args, cwd, env);
    announce(`${title}: done in ${seconds()}`);
  } finally {
    clearInterval(still);
  }
}

function run(
  title: string,
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string> | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const keep = (chunk: Buffer): void => void (said = (said + chunk.toString()).slice(-KEPT_OUTPUT));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new ToolError(`${title} failed (${program} ended with ${code}):\n${said.trim()}`));
    });
  });
}
