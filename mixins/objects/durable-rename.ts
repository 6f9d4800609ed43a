import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Moves a file into a folder, made where missing, so that it is there after a power cut too. */
export async function durableRename(from: string, to: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const made = await mkdir(dirname(to), { recursive: true });
    try {
      await rename(from, to);
      await syncFolders(dirname(to), made === undefined ? dirname(to) : dirname(made));
      return;
    } catch (error) {
      // A removal beside this one may take the folder away again.
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || attempt === 5) throw error;
    }
  }
}

async function syncFolders(deepest: string, highest: string): Promise<void> {
  for (let folder = deepest; ; folder = dirname(folder)) {
    await syncFolder(folder);
    if (folder === highest || folder === dirname(folder)) return;
  }
}

async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folder, and has its directory changes in a journal.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
