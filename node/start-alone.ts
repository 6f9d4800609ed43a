import type { Middleware, Service, ServiceSchema } from "moleculer";
import type { Config } from "../lib/config";

/** A service waits at its start for those of its own node alone: in a fleet any node may start while others are away. */
export function startAlone({ services }: Config): Middleware {
  return {
    name: "StartAlone",
    serviceCreating(_service: Service, schema: ServiceSchema) {
      if (Array.isArray(schema.dependencies))
        schema.dependencies = (schema.dependencies as string[]).filter((name) => services.includes(name));
    },
  };
}
