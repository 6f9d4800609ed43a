import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { projectRoot } from "../../../lib/project-root";
import type { Mutant } from "./mutant";

export interface AppliedMutant {
  /** The compiled product, changed. */
  dist: string;
  remove: () => Promise<void>;
}

/** Applies it to a copy of what a node runs. @throws where it no longer applies. */
export async function applyMutant(mutant: Mutant): Promise<AppliedMutant> {
  const root = await mkdtemp(join(tmpdir(), `emulsion-${mutant.name}-`));
  const remove = (): Promise<void> => rm(root, { recursive: true, force: true });
  try {
    await cp(join(projectRoot, "dist"), join(root, "dist"), { recursive: true, filter: isNoMap });
    // What the compiler leaves where it is.
    await cp(join(projectRoot, "services"), join(root, "services"), { recursive: true, filter: isFolderOrSql });
    await cp(join(projectRoot, "package.json"), join(root, "package.json"));
    await symlink(join(projectRoot, "node_modules"), join(root, "node_modules"));
    for (const [file, text] of await mutated(mutant)) await writeFile(join(root, file), text);
    return { dist: join(root, "dist"), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** The files that it changes, as it makes them. @throws where it no longer applies. */
export async function mutated({ name, edits }: Mutant): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const { file, find, put } of edits) {
    const parts = (await readFile(join(projectRoot, file), "utf8")).split(find);
    if (parts.length !== 2)
      throw new Error(`The mutant ${name} no longer applies: ${file} holds its text ${parts.length - 1} times.`);
    texts.set(file, parts.join(put));
  }
  return texts;
}

function isFolderOrSql(path: string): boolean {
  const name = path.slice(path.lastIndexOf(sep) + 1);
  return !name.includes(".") || name.endsWith(".sql");
}

function isNoMap(path: string): boolean {
  return !path.endsWith(".map");
}
