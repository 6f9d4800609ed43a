import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { announce } from "./announce";
import { runBuild } from "./run-build";
import { toolCache } from "./tool-cache";
import { onPath } from "./toolchain";
import { versions } from "./versions";

/** Whether packages of Debian's (or of a system made from it) can be had here. */
export function hasDebianPackages(): boolean {
  return process.platform === "linux" && onPath("apt-get") !== undefined && onPath("dpkg-deb") !== undefined;
}

/** Downloads these packages and unpacks them into the folder. Nothing is installed, and no root is needed. */
export async function unpackDebianPackages(server: string, names: readonly string[], folder: string): Promise<void> {
  const downloads = join(folder, "downloads");
  await mkdir(downloads);
  await download(server, names, downloads);
  for (const file of await readdir(downloads)) {
    const title = `${server}: unpacking ${file.split("_")[0]}`;
    await runBuild({ title, program: "dpkg-deb", args: ["-x", join(downloads, file), folder], cwd: folder });
  }
  await rm(downloads, { recursive: true });
}

/** Lists that the machine lacks, or that are too old, are fetched into a folder of ours: the machine's own stay as they are. */
async function download(server: string, names: readonly string[], folder: string): Promise<void> {
  const get = (options: string[], packages: readonly string[]): Promise<void> =>
    runBuild({
      title: `${server}: downloading from Debian`,
      program: "apt-get",
      args: [...options, "-q", "download", ...packages],
      cwd: folder,
    });
  const pinned = names.map(withVersion);
  try {
    return await get([], pinned);
  } catch {
    const state = join(toolCache(), "debian", `lists-${randomBytes(4).toString("hex")}`);
    try {
      const options = await ownLists(server, state);
      await get(options, pinned).catch(() => {
        announce(`${server}: Debian here has other versions than ${pinned.join(", ")}; taking those`);
        return get(options, names);
      });
    } finally {
      await rm(state, { recursive: true, force: true });
    }
  }
}

function withVersion(name: string): string {
  const pin = (versions.debian as Partial<Record<string, string>>)[name];
  return pin === undefined ? name : `${name}=${pin}*`;
}

async function ownLists(server: string, state: string): Promise<string[]> {
  const lists = join(state, "lists");
  const cache = join(state, "cache");
  await mkdir(join(lists, "partial"), { recursive: true });
  await mkdir(join(cache, "archives", "partial"), { recursive: true });
  const options = ["-o", `Dir::State::lists=${lists}`, "-o", `Dir::Cache=${cache}`];
  const title = `${server}: fetching Debian's package lists`;
  await runBuild({ title, program: "apt-get", args: [...options, "-q", "update"], cwd: state });
  return options;
}
