import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** The first version number in what a program says of itself. */
export async function versionOf(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, ...env } });
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim();
}
