import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { freePort } from "../servers/free-ports";
import { launchProgram } from "../servers/launch-program";
import { endProcessOf, processOf } from "../servers/server-process";

const compiled = join(projectRoot, "dist");
const runner = join(projectRoot, "node_modules", "moleculer", "bin", "moleculer-runner.js");

/** One node of a fleet: the compiled product with some of its services, in a process and a folder of its own. */
export class FleetNode {
  private constructor(
    readonly services: readonly string[],
    readonly folder: string,
    private readonly ports: { gateway: number; ops: number },
    private readonly env: Record<string, string>,
    private readonly dist: string,
  ) {}

  static async open(
    services: readonly string[],
    folder: string,
    env: Record<string, string>,
    dist = compiled,
  ): Promise<FleetNode> {
    const ports = { gateway: await freePort(), ops: await freePort() };
    await mkdir(folder, { recursive: true });
    return new FleetNode(services, folder, ports, env, dist);
  }

  /** Of its gateway, where it serves `api`. */
  get url(): string {
    return `http://127.0.0.1:${this.ports.gateway}`;
  }

  /** Of `/healthz`, `/readyz` and `/metrics`. */
  get opsUrl(): string {
    return `http://127.0.0.1:${this.ports.ops}`;
  }

  /** Resolves when the node says that it is ready. More settings hold until it ends. */
  async start(more: Record<string, string> = {}): Promise<void> {
    const { dist } = this;
    await launchProgram({
      program: process.execPath,
      args: [runner, "--config", join(dist, "moleculer.config.js"), join(dist, "services", "**", "*.service.js")],
      folder: this.folder,
      env: {
        SERVICES: this.services.join(","),
        PORT: String(this.ports.gateway),
        OPS_PORT: String(this.ports.ops),
        DATA_DIR: this.folder,
        ...this.env,
        ...more,
      },
      isReady: () => this.isReady(),
    });
  }

  /** A gateway that is ready has found every service. */
  async isReady(): Promise<boolean> {
    const urls = this.services.includes("api") ? [this.opsUrl, this.url] : [this.opsUrl];
    try {
      const answers = await Promise.all(urls.map((url) => fetch(`${url}/readyz`)));
      return answers.every(({ ok }) => ok);
    } catch {
      return false;
    }
  }

  /** SIGTERM, in good order. */
  async stop(): Promise<void> {
    await endProcessOf(this.folder, "SIGTERM");
  }

  async kill(): Promise<void> {
    await endProcessOf(this.folder, "SIGKILL");
  }

  /** Of the process that runs now. */
  async pid(): Promise<number | undefined> {
    return (await processOf(this.folder))?.pid;
  }

  /** What it wrote since its folder was made. */
  async log(): Promise<string> {
    return readFile(join(this.folder, "server.log"), "utf8").catch(() => "");
  }
}
