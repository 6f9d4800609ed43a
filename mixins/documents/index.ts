import { join } from "node:path";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { configOf } from "../../lib/config";
import type { CollectionSpec, DocumentStore } from "./document-store";
import { openNedbStore, type ClosableStore } from "./nedb-store";
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

/** Gives a service `this.documents`, open before its own `started` runs and closed after its own `stopped`. */
export function documents(service: string, collections: Collections): DocumentsMixin {
  const opened = new WeakMap<Service, { store: ClosableStore; stopWatching: () => void }>();
  const schema: Partial<ServiceSchema> = {
    async started(this: Service & { documents?: DocumentStore }) {
      const store = await openStore(this.broker, service, collections);
      // A service's main collection bears its name.
      const log = this.broker.getLogger(`${service}.documents`);
      const stopWatching = service in collections ? watchSize(this.broker, store, service, log) : () => undefined;
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
function openStore(broker: ServiceBroker, service: string, collections: Collections): Promise<ClosableStore> {
  const folder = join(configOf(broker).dataDir, "documents");
  return openNedbStore({ folder, collections, log: broker.getLogger(`${service}.documents`) });
}
