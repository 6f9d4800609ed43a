import { mkdir } from "node:fs/promises";
import { guard } from "./guard-server";
import { kinds } from "./kinds";
import type { ServerKind, ServerName, Site } from "./server-kind";
import { endProcessOf, processOf } from "./server-process";
import { openRecord, readRecord, siteOf, writeRecord } from "./server-record";

export type { ServerName } from "./server-kind";

export interface StartOptions {
  /** Its data, logs and record: a folder of its own. What it holds is found again. */
  folder: string;
  /** More arguments (nats, redis, minio, mongodb) or lines of configuration (kafka, zookeeper), where a later line of a name wins. */
  extra?: readonly string[];
  /** Whether it stays when this process ends. Otherwise it is ended then, however this process ends. */
  outlivesUs?: boolean;
}

export interface RunningServer {
  name: ServerName;
  version: string;
  /** The settings by which a node reaches it. */
  env: Record<string, string>;
  /** Of each process, in the order of `node`; those that run. */
  pids: number[];
  /** In good order. Its data stays. */
  stop(): Promise<void>;
  /** SIGKILL to one process of it, or to all; resolves when they are gone. */
  kill(node?: number): Promise<void>;
  /** Ends what runs of it, and starts on the same ports and data. Ready when it resolves. */
  restart(node?: number): Promise<void>;
}

/** Starts a server of this kind on loopback, first ending what a run that died left on its folder. Ready when it resolves. */
export async function startServer(name: ServerName, options: StartOptions): Promise<RunningServer> {
  const { folder, extra, outlivesUs = false } = options;
  const kind = kinds[name];
  const installed = await kind.install();
  const record = await openRecord(folder, name, kind);
  const site = siteOf(folder, record, extra);
  await endServer(folder);
  const version = await kind.version(installed);
  await writeRecord(folder, { ...record, version });
  const dismissGuard = outlivesUs ? undefined : await guard(folder);
  const server = new Server(name, version, kind, installed, site, () => dismissGuard?.());
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Ends in good order what was started on this folder and still runs. Answers whether anything did. */
export async function endServer(folder: string): Promise<boolean> {
  const record = await readRecord(folder);
  if (record === undefined) return false;
  const ended = await Promise.all(siteOf(folder, record).places.map((place) => endProcessOf(place.folder)));
  return ended.includes(true);
}

class Server implements RunningServer {
  env: Record<string, string> = {};
  pids: number[] = [];

  constructor(
    readonly name: ServerName,
    readonly version: string,
    private readonly kind: ServerKind,
    private readonly installed: unknown,
    private readonly site: Site,
    private readonly stopped: () => void,
  ) {}

  async start(node?: number): Promise<void> {
    await Promise.all(
      this.indices(node).map(async (index) => {
        await mkdir(this.site.places[index]!.folder, { recursive: true });
        await this.kind.start(this.installed, this.site, index);
      }),
    );
    await this.kind.settle?.(this.installed, this.site);
    this.env = await this.kind.env(this.site);
    await this.readPids();
  }

  async stop(): Promise<void> {
    await this.end();
    this.stopped();
  }

  async kill(node?: number): Promise<void> {
    await this.end(node, "SIGKILL");
  }

  async restart(node?: number): Promise<void> {
    await this.end(node);
    await this.start(node);
  }

  private async end(node?: number, signal?: NodeJS.Signals): Promise<void> {
    await Promise.all(this.indices(node).map((index) => endProcessOf(this.site.places[index]!.folder, signal)));
    await this.readPids();
  }

  private async readPids(): Promise<void> {
    const running = await Promise.all(this.site.places.map(({ folder }) => processOf(folder)));
    this.pids = running.flatMap((found) => (found === undefined ? [] : [found.pid]));
  }

  private indices(node?: number): number[] {
    return node === undefined ? this.site.places.map((_, index) => index) : [node];
  }
}
