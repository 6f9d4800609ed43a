import type { BrokerOptions, Middleware, ServiceBroker } from "moleculer";
import { attachConfig, type Config } from "../lib/config";
import { InvalidInputError } from "../lib/errors";
import { postgresMiddleware } from "../mixins/postgres";
import { redisMiddleware } from "../mixins/redis";
import { JsonWithBytes } from "../plugins/json-with-bytes";
import { ZipkinExporter } from "../plugins/zipkin-exporter";
import { ZodValidator } from "../plugins/zod-validator";
import { DomainErrorRegenerator } from "../services/errors";
import { discovererOf } from "./discoverer";
import { drain } from "./drain";
import { pinoLogger } from "./logger";
import { processMetrics } from "./process-metrics";
import { requestContext } from "./request-context";
import { retryAtOneHop } from "./retry-at-one-hop";
import { routeCalls } from "./route-calls";
import { startAlone } from "./start-alone";
import { traceCalls } from "./trace-calls";
import { transporterOf, transporterReadiness } from "./transporter";

/** Between taking leave of the others and refusing their calls: what they sent before they knew is still on its way. */
const LEAVE_MS = 300;
/** As text this stays well under the largest message that NATS takes unasked, of 1 MiB. */
const MAX_CHUNK_BYTES = 256 * 1024;

export interface NodeOptions {
  /** Reload services when their files change. */
  isHot?: boolean;
  /** Started before what is embedded, and stopped after it. */
  outer?: Middleware[];
  /** Started after what is embedded. */
  middlewares?: Middleware[];
}

/** How every node is wired, whatever it serves. Moleculer's own defaults never time out and retry nothing. */
export function brokerOptions(config: Config, options: NodeOptions = {}): BrokerOptions {
  return {
    logger: pinoLogger(config),
    created: (broker: ServiceBroker) => attachConfig(broker, config),

    ...transporterOf(config),
    registry: {
      discoverer: discovererOf(config),
      ...(config.natsUrl === undefined ? {} : { stopDelay: LEAVE_MS }),
    } as NonNullable<BrokerOptions["registry"]>,
    transit: { maxChunkSize: MAX_CHUNK_BYTES, serviceChangedDebounceTime: 100 } as NonNullable<
      BrokerOptions["transit"]
    >,
    serializer: new JsonWithBytes(),

    requestTimeout: 10_000,
    retryPolicy: {
      // Only actions whose contract says that a repeat changes nothing more.
      enabled: false,
      retries: 2,
      delay: 50,
      maxDelay: 1000,
      factor: 2,
      check: (error: Error) => isRetryable(error),
    },
    circuitBreaker: {
      enabled: true,
      // Over a half: NATS chooses the node, and one of two that hangs must not close the way to the other.
      threshold: 0.7,
      minRequestCount: 20,
      windowTime: 30,
      halfOpenTime: 2000,
      check: (error: Error) => isRetryable(error),
    },
    // Of each action on one node. Whoever would wait behind so many is answered sooner by a refusal.
    bulkhead: { enabled: true, concurrency: 128, maxQueueSize: 2048 },
    // The default of a second would be spent at every start.
    dependencyInterval: 50,

    validator: new ZodValidator((faults) => new InvalidInputError(faults)),
    errorRegenerator: new DomainErrorRegenerator(),
    // Our own counters only: Moleculer's per-call metrics cost five times a call (docs/decisions/0004-own-counters.md).
    metrics: { enabled: true, collectProcessMetrics: false },
    tracing: tracingOf(config),

    // It would tell every node how this one reaches NATS and ZooKeeper, passwords included.
    internalServices: { $node: { actions: { options: false } } },
    internalMiddlewares: false,
    middlewares: [
      ...(options.outer ?? []),
      postgresMiddleware(),
      redisMiddleware(),
      transporterReadiness(),
      processMetrics(),
      ...(options.middlewares ?? []),
      startAlone(config),
      routeCalls(),
      // The first stands next to the handler.
      retryAtOneHop(),
      requestContext(),
      "ActionHook",
      "Validator",
      "Bulkhead",
      // Timeout stands before CircuitBreaker, which counts no timeouts otherwise.
      "Timeout",
      "CircuitBreaker",
      "Retry",
      "ErrorHandler",
      traceCalls(config),
      drain(),
      ...(options.isHot ? ["HotReload"] : []),
    ],
  };
}

function tracingOf({ traceUrl }: Config): NonNullable<BrokerOptions["tracing"]> {
  return traceUrl === undefined ? false : { enabled: true, exporter: new ZipkinExporter(traceUrl) as never };
}

function isRetryable(error: Error): boolean {
  return (error as { retryable?: boolean }).retryable === true;
}
