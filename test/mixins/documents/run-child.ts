import { spawn } from "node:child_process";
import { join } from "node:path";

export interface Ended {
  signal: NodeJS.Signals | null;
  code: number | null;
  lines: string[];
  errors: string;
}

/** Runs a TypeScript file beside this one as a real process, to its end. */
export function runChild(script: string, args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, script), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ signal, code, errors, lines: output.split("\n").filter(Boolean) }));
  });
}
