import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { Client } from "./http-client";

/** The compiled product as `npm start` runs it, in a process of its own. */
export class ServerProcess {
  output = "";
  url = "";
  private child!: ChildProcess;

  constructor(
    readonly dataDir: string,
    private readonly env: Record<string, string> = {},
  ) {}

  /** Resolves when the banner stands, rejects when the process ends before. `url` stays empty on a node without a gateway. */
  async start(timeoutMs = 40_000): Promise<this> {
    this.launch();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`Did not start in time:\n${this.output}`)), timeoutMs);
      this.child.stdout!.on("data", () => {
        const [banner] = /Emulsion is running[\s\S]*?\n\n/.exec(this.output) ?? [];
        if (banner === undefined) return;
        this.url = /gateway\s+(http:\/\/localhost:\d+)/.exec(banner)?.[1]?.replace("localhost", "127.0.0.1") ?? "";
        clearTimeout(timer);
        resolve();
      });
      this.child.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`Ended with ${code} instead of starting:\n${this.output}`));
      });
    });
    return this;
  }

  /** For a start that is to be refused. */
  async startAndFail(): Promise<{ code: number | null; output: string }> {
    this.launch();
    const [code] = (await once(this.child, "exit")) as [number | null];
    return { code, output: this.output };
  }

  private launch(): void {
    const config = join(projectRoot, "dist", "moleculer.config.js");
    if (!existsSync(config)) throw new Error("dist/ is missing: run the tests by `npm test`, which compiles first.");
    const runner = join(projectRoot, "node_modules", "moleculer", "bin", "moleculer-runner.js");
    const services = join(projectRoot, "dist", "services", "**", "*.service.js");
    this.output = "";
    this.child = spawn(process.execPath, [runner, "--config", config, services], {
      cwd: projectRoot,
      env: {
        PATH: process.env["PATH"],
        DATA_DIR: this.dataDir,
        PORT: "0",
        OPS_PORT: "0",
        RATE_LIMITS: "off",
        BCRYPT_COST: "4",
        ...this.env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    this.child.stdout!.on("data", keep);
    this.child.stderr!.on("data", keep);
  }

  /** Of the port that no client reaches. */
  get opsUrl(): string {
    return /Ops port: (http:\/\/[\d.:]+)/.exec(this.output)![1]!;
  }

  get pid(): number {
    return this.child.pid!;
  }

  client(): Client {
    return new Client(() => this.url);
  }

  /** Sends the signal and waits for the end. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }

  /** Resolves when the process ends by itself. */
  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
  }
}
