import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openNedbStore, type NedbStoreOptions } from "../../../mixins/documents/nedb-store";

export const log = { info: () => undefined, warn: jest.fn(), error: jest.fn() };

/** A folder of its own for each test, and the stores in it closed and removed afterwards. */
export function useFolder(collections: NedbStoreOptions["collections"]) {
  const current = { folder: "", stores: new Set<{ close(): Promise<void> }>() };
  beforeEach(() => {
    log.warn.mockClear();
    log.error.mockClear();
    current.folder = mkdtempSync(join(tmpdir(), "documents-"));
  });
  afterEach(async () => {
    for (const store of current.stores) await store.close();
    current.stores.clear();
    rmSync(current.folder, { recursive: true, force: true });
  });
  return {
    file: (name: string) => join(current.folder, name),
    get folder() {
      return current.folder;
    },
    async open(options: Partial<NedbStoreOptions> = {}) {
      const store = await openNedbStore({ folder: current.folder, collections, log, ...options });
      current.stores.add(store);
      return store;
    },
  };
}
