import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Config, loadConfig } from "../../lib/config";
import { Fleet } from "../fleet/fleet";
import { guard } from "../servers/guard-server";
import { type RunningServer, type ServerName, startServer } from "../servers/start-server";
import { type ChildNode, startChild } from "./child";

/** What one benchmark starts and stores, all of it gone when it ends, however it ends. */
export class Lab {
  private readonly closers: (() => Promise<unknown>)[] = [];
  private readonly servers = new Map<ServerName, Promise<RunningServer>>();
  private readonly keys = { JWT_KEYS: newKey(), MEDIA_KEYS: newKey() };

  private constructor(private readonly home: string) {}

  static async open(): Promise<Lab> {
    const home = await mkdtemp(join(tmpdir(), "emulsion-bench-"));
    // Open to be passed through by whoever a server runs as: PostgreSQL refuses to be root.
    await chmod(home, 0o755);
    const dismiss = await guard(home, { remove: true });
    const lab = new Lab(home);
    lab.onEnd(async () => {
      await rm(home, { recursive: true, force: true });
      dismiss();
    });
    return lab;
  }

  /** Called in the opposite order when the benchmark is over, however it ends. */
  onEnd(close: () => Promise<unknown>): void {
    this.closers.push(close);
  }

  async folder(): Promise<string> {
    const folder = await mkdtemp(join(this.home, "folder-"));
    await chmod(folder, 0o755);
    return folder;
  }

  /** A real server on loopback, the same one at every call, with nothing in it at first. */
  server(name: ServerName): Promise<RunningServer> {
    const known = this.servers.get(name);
    if (known !== undefined) return known;
    const starting = startServer(name, { folder: join(this.home, name) });
    this.servers.set(name, starting);
    this.onEnd(() =>
      starting.then(
        (server) => server.stop(),
        () => undefined,
      ),
    );
    return starting;
  }

  /** The settings by which a node reaches these servers, which are started where they do not run. */
  async urls(...names: ServerName[]): Promise<Record<string, string>> {
    const running = await Promise.all(names.map((name) => this.server(name)));
    return Object.assign({}, ...running.map(({ env }) => env)) as Record<string, string>;
  }

  /** What the measured node is told, and nothing of the environment: never somebody's own data. */
  env(dataDir: string): Record<string, string> {
    return { ...this.fleetEnv(), DATA_DIR: join(dataDir, "data"), PORT: "0", OPS_PORT: "0" };
  }

  config(dataDir: string, more: Record<string, string> = {}): Config {
    return loadConfig({ ...this.env(dataDir), ...more });
  }

  /** The whole product in a process of its own, as `npm start` runs it; with URLs, on these servers. */
  async startNode(dataDir: string, more: Record<string, string> = {}): Promise<ChildNode> {
    const node = await startChild("serve", { ...this.env(dataDir), ...more });
    this.onEnd(() => node.stop());
    return node;
  }

  /** The compiled product as nodes in processes of their own, each with the services of its line of the plan. */
  async startFleet(plan: readonly (readonly string[])[], urls: Record<string, string>): Promise<Fleet> {
    const fleet = await Fleet.open(join(await this.folder(), "fleet"), { ...this.fleetEnv(), ...urls });
    this.onEnd(() => fleet.stop());
    await fleet.start(plan);
    return fleet;
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

  private fleetEnv(): Record<string, string> {
    return {
      ...this.keys,
      RATE_LIMITS: "off",
      ACCESS_TOKEN_SECONDS: "86400",
      BCRYPT_COST: "4",
      LOG_LEVEL: "error",
    };
  }
}

function newKey(): string {
  return `bench:${randomBytes(32).toString("base64url")}`;
}
