import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Binaries } from "./binaries";
import { giveFolder, type RunAs } from "./run-as";
import { startOptions } from "./start-options";

export const SUPERUSER = "emulsion";
/** Lies in the data folder, readable by its owner alone. */
export const PASSWORD_FILE = "emulsion.password";

/** Runs initdb. The folder appears whole or not at all: what a killed start left beside it is made anew. */
export async function createCluster(
  folder: string,
  binaries: Binaries,
  runAs: RunAs,
  isThrowaway: boolean,
): Promise<void> {
  const staging = `${folder}.new`;
  const data = join(staging, "data");
  const password = join(staging, PASSWORD_FILE);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true, mode: 0o700 });
  await writeFile(password, randomBytes(24).toString("base64url"), { mode: 0o600 });
  await giveFolder(staging, runAs);
  await initdb(binaries, runAs, [
    ...["-D", data, "-U", SUPERUSER, "--pwfile", password],
    ...["-A", "scram-sha-256", "--locale=C", "-E", "UTF8", "--no-instructions"],
    ...(isThrowaway ? ["--no-sync"] : []),
  ]);
  await rename(password, join(data, PASSWORD_FILE));
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(data, folder);
  await rmdir(staging);
}

function initdb(binaries: Binaries, runAs: RunAs, args: string[]): Promise<void> {
  const [program, ...rest] = [...runAs.prefix, binaries.initdb, ...args] as [string, ...string[]];
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { ...startOptions(runAs), stdio: ["ignore", "ignore", "pipe"] });
    let complaint = "";
    child.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else
        reject(new Error(`PostgreSQL could not make its data folder (initdb ended with ${code}). ${complaint.trim()}`));
    });
  });
}
