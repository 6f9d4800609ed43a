import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";

export interface MigrationFile {
  number: string;
  file: string;
  sql: string;
}

const NAME = /^(\d{4})-[a-z0-9-]+\.sql$/;

/** The service's own SQL files in the order of their numbers. A service without tables has none. */
export async function migrationFiles(service: string, root = projectRoot): Promise<MigrationFile[]> {
  const folder = join(root, "services", service, "migrations");
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files: MigrationFile[] = [];
  for (const name of names.filter((one) => one.endsWith(".sql")).sort()) {
    const number = NAME.exec(name)?.[1];
    const file = join(folder, name);
    if (number === undefined) throw new Error(`${file} is not named as a migration is: 0001-what-it-does.sql.`);
    if (files.at(-1)?.number === number) throw new Error(`${file} has the number of another migration of ${service}.`);
    files.push({ number, file, sql: await readFile(file, "utf8") });
  }
  return files;
}
