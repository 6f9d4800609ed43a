import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ToolError } from "../../run-tool";

/** Where this program lies on PATH; undefined when it does not. */
export function onPath(program: string): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, program))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** @throws {ToolError} naming what is missing and the server that this costs. */
export function needOnPath(server: string, ...programs: string[]): string[] {
  const missing = programs.filter((program) => onPath(program) === undefined);
  if (missing.length > 0) throw new MissingToolchainError(server, missing);
  return programs.map((program) => onPath(program)!);
}

export class MissingToolchainError extends ToolError {
  constructor(server: string, missing: readonly string[]) {
    super(`${server} needs ${missing.join(" and ")}, which PATH does not have.`);
    this.name = "MissingToolchainError";
  }
}
