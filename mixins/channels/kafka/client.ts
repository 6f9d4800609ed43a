import { readFileSync } from "node:fs";
import { Kafka, type KafkaConfig, logLevel, type SASLOptions } from "kafkajs";
import type { Config } from "../../../lib/config";

/** Speaks up only when asked: what matters of its troubles is told by whoever uses it. */
export interface ClientLog {
  debug(...args: unknown[]): void;
}

const CONNECT_MS = 3_000;
/** A broker that hangs is given up for another. */
const REQUEST_MS = 15_000;

/** A client as the configuration says. Connects to nothing yet. */
export function openKafka(config: Config, clientId: string, log: ClientLog): Kafka {
  return new Kafka({
    clientId,
    brokers: config.kafkaBrokers,
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    // About nine seconds: over the change of a leader whose broker died.
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ namespace, log: { message, error } }) =>
        log.debug(`${namespace}: ${message}`, error ?? ""),
    ...security(config),
  });
}

function security(config: Config): Pick<KafkaConfig, "ssl" | "sasl"> {
  const { kafkaTls, kafkaCaFile, kafkaSasl, kafkaUsername = "", kafkaPassword = "" } = config;
  const ca = kafkaCaFile === undefined ? {} : { ca: readFileSync(kafkaCaFile, "utf8") };
  const sasl = { mechanism: kafkaSasl, username: kafkaUsername, password: kafkaPassword } as SASLOptions;
  return { ...(kafkaTls ? { ssl: ca } : {}), ...(kafkaSasl ? { sasl } : {}) };
}
