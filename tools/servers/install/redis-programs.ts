import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { hasDebianPackages, unpackDebianPackages } from "./debian-packages";
import { cached } from "./tool-cache";
import { needOnPath } from "./toolchain";

export interface RedisPrograms {
  server: string;
  cli: string;
  /** What they need to find their libraries. */
  env: Record<string, string>;
}

const PACKAGES = ["redis-server", "redis-tools", "libatomic1", "libjemalloc2", "liblzf1"];

/** Redis as Debian builds it, with the libraries that a small system lacks; else the one of this system. */
export async function redisPrograms(server: string): Promise<RedisPrograms> {
  if (!hasDebianPackages()) {
    const [own, cli] = needOnPath(server, "redis-server", "redis-cli");
    return { server: own!, cli: cli!, env: {} };
  }
  const folder = await cached("redis", "debian", (into) => unpackDebianPackages("redis", PACKAGES, into));
  const libraries = join(folder, "usr", "lib");
  // One folder for this machine's architecture.
  const [architecture] = (await readdir(libraries)).filter((name) => name.endsWith("-linux-gnu"));
  const program = (name: string): string => join(folder, "usr", "bin", name);
  return {
    server: program("redis-server"),
    cli: program("redis-cli"),
    env: { LD_LIBRARY_PATH: join(libraries, architecture ?? "") },
  };
}
