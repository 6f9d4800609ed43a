import { readdir } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import { ToolError } from "../run-tool";
import type { Photo } from "./api-client";

const extensions = new Set([".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".heic", ".heif"]);

/** Every image file below this folder, in the order of their names. @throws {ToolError} when there is none. */
export async function findPhotos(folder: string): Promise<Photo[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new ToolError(`${folder} cannot be read: ${error.message}`);
  });
  const paths = entries
    .filter((entry) => entry.isFile() && extensions.has(extname(entry.name).toLowerCase()))
    // `path` until Node 20.12, `parentPath` since.
    .map((entry) => join(entry.parentPath ?? (entry as unknown as { path: string }).path, entry.name))
    .sort();
  if (paths.length === 0) throw new ToolError(`There is no image file below ${folder}.`);
  return paths.map((path) => ({ name: relative(folder, path), path }));
}
