import { type Middleware, type Service, ServiceBroker, type ServiceSchema } from "moleculer";
import { join } from "node:path";
import type { Config } from "../lib/config";
import type { Channels } from "../mixins/channels/channels";
import { brokerOptions } from "../node/broker-options";
import { dataFolder } from "../node/data-folder";
import { type Call, callerOf } from "../services/define-service";

/** Every service of the product, the gateway too. */
export const allServices = ["auth", "graph", "media", "posts", "newsfeed", "discovery", "api"];

export interface StartedServices {
  broker: ServiceBroker;
  call: Call;
  /** Those of them that publish, each with its outbox. */
  homes: (Service & Channels)[];
  stop: () => Promise<void>;
}

export interface StartOptions {
  /** Keep every other process off the data folder meanwhile. False only beside a server that does. */
  holdsFolder: boolean;
  middlewares?: Middleware[];
  /** False to measure what metrics cost. */
  metrics?: false;
}

/** Starts services in this process as a node does, with what is embedded that they need. Ctrl-C stops them in good order. */
export async function startServices(
  config: Config,
  names: readonly string[],
  { holdsFolder, middlewares, metrics }: StartOptions,
): Promise<StartedServices> {
  const broker = new ServiceBroker({
    ...brokerOptions(config, {
      ...(holdsFolder ? { outer: [dataFolder(config)] } : {}),
      ...(middlewares === undefined ? {} : { middlewares }),
    }),
    ...(metrics === undefined ? {} : { metrics }),
    skipProcessEventRegistration: true,
  });
  for (const name of names) broker.createService(schemaOf(name));
  const interrupt = (): void => void broker.stop().finally(() => process.exit(130));
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const stop = async (): Promise<void> => {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
    await broker.stop();
  };
  try {
    await broker.start();
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  return { broker, call: callerOf(broker), homes: broker.services.filter(hasOutbox), stop };
}

function hasOutbox(service: Service): service is Service & Channels {
  return typeof (service as Partial<Channels>).drainOutbox === "function";
}

function schemaOf(name: string): ServiceSchema {
  // Beside this folder, whether these are sources or compiled.
  const path = join(__dirname, "..", "services", name, `${name}.service`);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which services, only the tool knows
  return (require(path) as { default: ServiceSchema }).default;
}
