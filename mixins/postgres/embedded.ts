import { mkdir, readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Client } from "pg";
import { findBinaries, type Binaries } from "./binaries";
import { launch } from "./launch";
import type { Log } from "./log";
import { createCluster, PASSWORD_FILE, SUPERUSER } from "./new-cluster";
import { findPostmaster, untilGone, untilReady, type Postmaster } from "./postmaster";
import { chooseIdentity, giveFolder } from "./run-as";
import { shutDown } from "./shut-down";

const ATTACH_TIMEOUT_MS = 30_000;
const GOING_TIMEOUT_MS = 5_000;

export interface EmbeddedOptions {
  /** Where its data lies; made at the first start. */
  folder: string;
  log: Log;
  maxConnections?: number;
  /** Unset: a free one. */
  port?: number;
  /** Gives up safety against power cuts for speed: for tests alone. */
  isThrowaway?: boolean;
}

export interface EmbeddedPostgres {
  url: string;
  pid: number;
  /** Breaks off what still runs, writes everything down and waits for the end. */
  stop(): Promise<void>;
}

/** Starts PostgreSQL on this folder, or attaches to the one that a killed process left running on it. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.folder);
  const binaries = await findBinaries();
  const isNew = await isMissing(folder, binaries);
  if (!isNew) {
    const running = await attach(folder);
    if (running) {
      options.log.info(`PostgreSQL already runs on ${folder} (process ${running.pid}).`);
      return handle(folder, running, binaries);
    }
  }
  await mkdir(dirname(folder), { recursive: true });
  const runAs = await chooseIdentity([binaries.postgres, folder]);
  if (isNew) await createCluster(folder, binaries, runAs, options.isThrowaway ?? false);
  else await giveFolder(folder, runAs);
  const { maxConnections = 100, isThrowaway = false, port } = options;
  const started = await launch(folder, binaries, runAs, { maxConnections, isThrowaway, port });
  return handle(folder, started, binaries);
}

/** The URL of a server that runs on this folder now; undefined when none does. Starts nothing. */
export async function runningEmbedded(folder: string): Promise<string | undefined> {
  const running = await findPostmaster(resolve(folder));
  return running?.isReady ? urlOf(resolve(folder), running.port) : undefined;
}

async function handle(folder: string, { pid, port }: Postmaster, binaries: Binaries): Promise<EmbeddedPostgres> {
  let stopping: Promise<void> | undefined;
  return {
    url: await urlOf(folder, port),
    pid,
    stop: () => (stopping ??= shutDown(folder, pid, binaries)),
  };
}

/** @throws when the folder holds something else than a cluster of this major version; nothing was touched then. */
async function isMissing(folder: string, binaries: Binaries): Promise<boolean> {
  const version = await readFile(join(folder, "PG_VERSION"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (version === undefined) {
    const content = await readdir(folder).catch(() => []);
    if (content.length === 0) return true;
    throw new Error(
      `${folder} is no data folder of PostgreSQL, yet not empty. Move it away, or set DATA_DIR to another folder.`,
    );
  }
  if (version.trim() === binaries.major) return false;
  throw new Error(
    `${folder} was made by PostgreSQL ${version.trim()}, and this version brings PostgreSQL ${binaries.major}. Nothing was changed. ` +
      `Set DATA_DIR to another folder to start empty; or go back to the version that made it, save its data with pg_dump, ` +
      `start this version on a new DATA_DIR and restore it with pg_restore.`,
  );
}

async function attach(folder: string): Promise<Postmaster | undefined> {
  if (!(await findPostmaster(folder))) return undefined;
  const ready = await untilReady(folder, ATTACH_TIMEOUT_MS, async () => !(await findPostmaster(folder)));
  if (!ready) {
    const left = await findPostmaster(folder);
    if (!left) return undefined;
    throw new Error(
      `PostgreSQL (process ${left.pid}) holds ${folder} but takes no connections. End that process, then start again.`,
    );
  }
  try {
    await assertServes(folder, ready);
    return ready;
  } catch (error) {
    // One that is just going away, stopped or killed, is no obstacle.
    if (await untilGone(ready.pid, GOING_TIMEOUT_MS)) return undefined;
    throw error;
  }
}

/** A pid file can name another server's process when pids were given out anew. */
async function assertServes(folder: string, { pid, port }: Postmaster): Promise<void> {
  const client = new Client({ connectionString: await urlOf(folder, port), connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>("show data_directory");
    if ((await realpath(rows[0]?.data_directory ?? "")) !== (await realpath(folder)))
      throw new Error("It serves another folder.");
  } catch (cause) {
    throw new Error(
      `PostgreSQL (process ${pid}) seems to hold ${folder} but does not answer for it. End that process, then start again.`,
      { cause },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function urlOf(folder: string, port: number): Promise<string> {
  const password = (await readFile(join(folder, PASSWORD_FILE), "utf8")).trim();
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
}
