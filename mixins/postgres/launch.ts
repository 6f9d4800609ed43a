import { execFile, spawn } from "node:child_process";
import { open, readFile, stat, truncate } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Binaries } from "./binaries";
import { disarmLeftover, untilReady, type Postmaster } from "./postmaster";
import type { RunAs } from "./run-as";
import { serverSettings, startOptions } from "./start-options";

/** Replaying a gigabyte of WAL on a slow disk takes minutes. */
const READY_TIMEOUT_MS = 300_000;
const ATTEMPTS = 20;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;
/** A port taken in the meantime, or backends that have not yet noticed that their server was killed. */
const PASSES = /could not bind|could not create any TCP\/IP|pre-existing shared memory block/;

interface LaunchOptions {
  maxConnections: number;
  isThrowaway: boolean;
  port: number | undefined;
}

/** Starts the server on a given or free loopback port and waits until it takes connections, recovery included. */
export async function launch(
  folder: string,
  binaries: Binaries,
  runAs: RunAs,
  options: LaunchOptions,
): Promise<Postmaster> {
  await disarmLeftover(folder);
  for (let attempt = 1; ; attempt++) {
    const settings = serverSettings(options.port ?? (await freePort()), options.maxConnections, options.isThrowaway);
    const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const log = join(folder, "server.log");
    const from = await logEnd(log);
    const started = process.platform === "win32" ? startByPgCtl : startDirectly;
    const postmaster = await started({ folder, binaries, runAs, args, log });
    if (postmaster) return postmaster;
    const said = (await readFile(log)).subarray(from).toString().trim();
    if (attempt >= ATTEMPTS || !PASSES.test(said)) {
      throw new Error(`PostgreSQL did not start on ${folder}. It wrote to ${log}:\n${said.slice(-2000)}`);
    }
    await sleep(250);
  }
}

interface Start {
  folder: string;
  binaries: Binaries;
  runAs: RunAs;
  args: string[];
  log: string;
}

async function startDirectly({ folder, binaries, runAs, args, log }: Start): Promise<Postmaster | undefined> {
  const [program, ...rest] = [...runAs.prefix, binaries.postgres, "-D", folder, ...args] as [string, ...string[]];
  const output = await open(log, "a", 0o600);
  try {
    const child = spawn(program, rest, { ...startOptions(runAs), stdio: ["ignore", output.fd, output.fd] });
    let hasEnded = false;
    child.once("exit", () => (hasEnded = true));
    const failed = new Promise<never>((_, reject) => child.once("error", reject));
    // Ours to stop in order, not to wait for: a Node that ends otherwise leaves it to the next start.
    child.unref();
    return await Promise.race([untilReady(folder, READY_TIMEOUT_MS, () => hasEnded, child.pid), failed]);
  } finally {
    await output.close();
  }
}

/** On Windows only pg_ctl drops an administrator's rights, with which PostgreSQL refuses to run. */
async function startByPgCtl({ folder, binaries, runAs, args, log }: Start): Promise<Postmaster | undefined> {
  const quoted = args.map((arg) => `"${arg}"`).join(" ");
  const seconds = String(READY_TIMEOUT_MS / 1000);
  const parts = ["start", "-D", folder, "-w", "-t", seconds, "-l", log, "-o", quoted, "-s"];
  try {
    await promisify(execFile)(binaries.pgCtl, parts, startOptions(runAs));
  } catch {
    return undefined;
  }
  return untilReady(folder, READY_TIMEOUT_MS);
}

/** The log is kept over starts, but not for ever. */
async function logEnd(log: string): Promise<number> {
  const { size } = await stat(log).catch(() => ({ size: 0 }));
  if (size > LOG_LIMIT_BYTES) await truncate(log, 0);
  return size > LOG_LIMIT_BYTES ? 0 : size;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
