import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../lib/project-root";
import { ToolError } from "../run-tool";
import { onPath } from "./install/toolchain";

// Not one line of what follows after `docker info` has run: where it was written there is no engine. `--native` passes it by.

const PROJECT = "emulsion-servers";
const FILE = join(projectRoot, "docker-compose.yml");
const ENGINE_TIMEOUT_MS = 5_000;

/** Whether a container engine answers here, and there is something to run on it. */
export async function hasComposeEngine(): Promise<boolean> {
  const docker = onPath("docker");
  if (docker === undefined || !existsSync(FILE)) return false;
  try {
    await promisify(execFile)(docker, ["info"], { timeout: ENGINE_TIMEOUT_MS });
    await promisify(execFile)(docker, ["compose", "version"], { timeout: ENGINE_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}

/** `docker compose` on the servers of docker-compose.yml as a project of our own, which is no system that somebody runs. */
export class Compose {
  constructor(
    private readonly override: string,
    private readonly env: Record<string, string>,
  ) {}

  /** Resolves once all of these are healthy. */
  async up(services: readonly string[]): Promise<void> {
    await this.run(["up", "--detach", "--wait", "--no-deps", ...services]);
  }

  /** Their volumes stay. */
  async stop(services: readonly string[]): Promise<void> {
    await this.run(["stop", ...services]);
  }

  /** Those that run. */
  async running(): Promise<string[]> {
    const { stdout } = await promisify(execFile)("docker", this.args(["ps", "--services", "--status", "running"]), {
      env: { ...process.env, ...this.env },
    });
    return stdout.split("\n").filter((line) => line !== "");
  }

  /** What they write is for whoever waits for the images. */
  private run(args: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn("docker", this.args(args), {
        env: { ...process.env, ...this.env },
        stdio: ["ignore", "inherit", "inherit"],
      });
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) resolve();
        else reject(new ToolError(`docker compose ${args[0]} ended with ${code}.`));
      });
    });
  }

  private args(args: readonly string[]): string[] {
    return ["compose", "--project-name", PROJECT, "--file", FILE, "--file", this.override, ...args];
  }
}
