import { spawn } from "node:child_process";

export interface CommandLimits {
  timeoutMs: number;
  /** Of what it prints; more ends it. */
  maxOutputBytes?: number;
  /** Of its address space, where a shell can set that. */
  maxMemoryBytes?: number;
}

export class CommandFailedError extends Error {
  constructor(
    readonly reason: "timeout" | "exit" | "output",
    /** The end of what it wrote to standard error. */
    readonly errors: string,
  ) {
    super(`The command failed (${reason}): ${errors}`);
    this.name = "CommandFailedError";
  }
}

/** Runs a program with nothing of our environment and within limits; answers what it printed. @throws {CommandFailedError} */
export function runCommand(file: string, args: readonly string[], limits: CommandLimits): Promise<string> {
  const { timeoutMs, maxOutputBytes = 1024 * 1024, maxMemoryBytes = 4 * 1024 ** 3 } = limits;
  const isLimited = process.platform === "linux";
  const shell = ["-c", `ulimit -v ${Math.floor(maxMemoryBytes / 1024)}; exec "$0" "$@"`, file, ...args];
  const child = spawn(isLimited ? "/bin/sh" : file, isLimited ? shell : args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {},
  });
  return new Promise((resolve, reject) => {
    let output = "";
    let errors = "";
    let ended: "timeout" | "output" | undefined;
    const end = (why: "timeout" | "output") => {
      ended ??= why;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => end("timeout"), timeoutMs);
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (output.length > maxOutputBytes) end("output");
    });
    child.stderr.on("data", (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-4096)));
    child.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once("close", (code) => {
      clearTimeout(timer);
      if (ended === undefined && code === 0) resolve(output);
      else reject(new CommandFailedError(ended ?? "exit", errors.trim()));
    });
  });
}
