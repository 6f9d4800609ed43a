import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, loadConfig } from "../../lib/config";
import { type ChildNode, startChild } from "./child";

/** What one benchmark starts and stores, all of it gone when it ends. */
export class Lab {
  private readonly closers: (() => Promise<unknown>)[] = [];

  /** Called in the opposite order when the benchmark is over, however it ends. */
  onEnd(close: () => Promise<unknown>): void {
    this.closers.push(close);
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "emulsion-bench-"));
    this.onEnd(() => rm(folder, { recursive: true, force: true }));
    // PostgreSQL, which refuses to be root, passes through it.
    await chmod(folder, 0o755);
    return folder;
  }

  /** What the measured node is told, and nothing of the environment: never somebody's own data. */
  env(dataDir: string): Record<string, string> {
    return {
      DATA_DIR: join(dataDir, "data"),
      PORT: "0",
      OPS_PORT: "0",
      RATE_LIMITS: "off",
      ACCESS_TOKEN_SECONDS: "86400",
      BCRYPT_COST: "4",
      LOG_LEVEL: "error",
    };
  }

  config(dataDir: string): Config {
    return loadConfig(this.env(dataDir));
  }

  /** The whole product in a process of its own, as `npm start` runs it. */
  async startNode(dataDir: string): Promise<ChildNode> {
    const node = await startChild("serve", this.env(dataDir));
    this.onEnd(() => node.stop());
    return node;
  }

  /** A bare `node:http` server that answers everything with these bytes. */
  async startStatic(body: string): Promise<ChildNode> {
    const server = await startChild("static-server", { body });
    this.onEnd(() => server.stop());
    return server;
  }

  async end(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }
}
