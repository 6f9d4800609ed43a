import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { join } from "node:path";
import { configOf } from "../../lib/config";
import { openFileStore } from "./file-store";
import type { ObjectStore } from "./object-store";

export type { ByteRange, ObjectFacts, ObjectStore } from "./object-store";
export { ObjectMissingError, TooLargeError } from "./object-errors";

/** What the typed `defineService` reads off a mixin: the members of `this` that it brings. */
type ObjectsMixin = Partial<ServiceSchema> & { readonly __provides?: { objects: ObjectStore } };

/** Gives a service `this.objects`, open before its own `started` runs. */
export function objects(): ObjectsMixin {
  const schema: Partial<ServiceSchema> = {
    async started(this: Service & { objects?: ObjectStore }) {
      this.objects = await openStore(this.broker);
    },
  };
  return schema;
}

/** The choice of backend. */
function openStore(broker: ServiceBroker): Promise<ObjectStore> {
  return openFileStore(join(configOf(broker).dataDir, "media"));
}
