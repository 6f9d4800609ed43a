import { join } from "node:path";
import { announce } from "./announce";
import { runBuild } from "./run-build";
import { cached } from "./tool-cache";
import { MissingToolchainError, needOnPath, onPath } from "./toolchain";
import { versions } from "./versions";

export interface SecantusDb {
  version: string;
  /** The program, and what stands before its arguments. */
  command: string[];
  canLimitLogs: boolean;
}

/** SecantusDB from its source; where there is no compiler, the slower one for Python. */
export async function secantusDb(server: string): Promise<SecantusDb> {
  const missing = ["cargo", "cmake"].filter((program) => onPath(program) === undefined);
  if (missing.length === 0) return fromSource(server);
  if (onPath("python3") === undefined) throw new MissingToolchainError(server, [...missing, "python3"]);
  announce(`${server}: without ${missing.join(" and ")} it is SecantusDB's slower wheel`);
  return fromWheel(server);
}

async function fromSource(server: string): Promise<SecantusDb> {
  const version = versions.secantus;
  const [cargo] = needOnPath(server, "cargo");
  const folder = await cached("secantus", version, (into) =>
    runBuild({
      title: `${server}: building SecantusDB from source with cargo`,
      program: cargo!,
      args: ["install", "secantus-mdb", "--version", version, "--locked", "--ignore-rust-version", "--root", into],
      cwd: into,
      expected: "about 5 minutes",
    }),
  );
  return { version, command: [join(folder, "bin", "secantusd-rs")], canLimitLogs: true };
}

async function fromWheel(server: string): Promise<SecantusDb> {
  const version = versions.secantusWheel;
  const [python] = needOnPath(server, "python3");
  const folder = await cached("secantus-wheel", version, async (into) => {
    const title = `${server}: fetching SecantusDB from PyPI`;
    await runBuild({ title, program: python!, args: ["-m", "venv", into], cwd: into });
    const pip = ["-m", "pip", "install", "--quiet", `SecantusDB==${version}`];
    await runBuild({ title, program: join(into, "bin", "python"), args: pip, cwd: into });
  });
  // Its script names the folder that it was installed into, which has moved since: the interpreter is named here.
  const command = [join(folder, "bin", "python"), join(folder, "bin", "secantusd-py")];
  return { version: `${version} (Python)`, command, canLimitLogs: false };
}
