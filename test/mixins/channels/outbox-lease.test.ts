import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { openNedbStore } from "../../../mixins/documents/nedb-store";
import { tempRoot } from "../../setup/temp-root";
import { describeOutboxLease, leaseCollections } from "./outbox-lease.conformance";

const log = { info: () => undefined, warn: jest.fn(), error: jest.fn() };

describeOutboxLease("NeDB", async () => {
  const folder = await mkdtemp(join(tempRoot(), "emulsion-lease-"));
  const store = await openNedbStore({ folder, collections: leaseCollections, log });
  return {
    store,
    async close() {
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});
