import { join } from "node:path";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { configOf } from "../../lib/config";
import { addReadinessCheck } from "../readiness";
import type { ClosableStore } from "./closable-store";
import type { CollectionSpec, DocumentStore } from "./document-store";
import { openMongoStore } from "./mongo-store";
import { openNedbStore } from "./nedb-store";
import { watchSize } from "./tested-size";

export type {
  Change,
  CollectionSpec,
  Document,
  DocumentStore,
  DocumentTransaction,
  Find,
  Query,
  Reader,
} from "./document-store";

export { embeddedDocuments, TESTED_DOCUMENTS } from "./tested-size";

/** What the typed `defineService` reads off a mixin: the members of `this` that it brings. */
type DocumentsMixin = Partial<ServiceSchema> & { readonly __provides?: { documents: DocumentStore } };

type Collections = Record<string, CollectionSpec>;

interface OpenStore {
  store: ClosableStore;
  stopWatching: () => void;
}

/** Gives a service `this.documents`, open before its own `started` runs and closed after its own `stopped`. */
export function documents(service: string, collections: Collections): DocumentsMixin {
  const opened = new WeakMap<Service, OpenStore>();
  const schema: Partial<ServiceSchema> = {
    async started(this: Service & { documents?: DocumentStore }) {
      const { store, stopWatching } = await openStore(this.broker, service, collections);
      opened.set(this, { store, stopWatching });
      this.documents = store;
    },
    async stopped(this: Service) {
      const { store, stopWatching } = opened.get(this) ?? {};
      opened.delete(this);
      stopWatching?.();
      await store?.close();
    },
  };
  return schema;
}

/** The choice of backend. */
async function openStore(broker: ServiceBroker, service: string, collections: Collections): Promise<OpenStore> {
  const { mongodbUrl, dataDir } = configOf(broker);
  const log = broker.getLogger(`${service}.documents`);
  if (mongodbUrl !== undefined) {
    const store = await openMongoStore({ url: mongodbUrl, collections, log });
    addReadinessCheck(broker, "mongodb", () => store.ping());
    return { store, stopWatching: () => undefined };
  }
  const store = await openNedbStore({ folder: join(dataDir, "documents"), collections, log });
  // A service's main collection bears its name.
  return { store, stopWatching: service in collections ? watchSize(broker, store, service, log) : () => undefined };
}
