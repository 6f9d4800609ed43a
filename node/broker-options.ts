import type { BrokerOptions, Middleware, ServiceBroker } from "moleculer";
import { attachConfig, type Config } from "../lib/config";
import { InvalidInputError } from "../lib/errors";
import { postgresMiddleware } from "../mixins/postgres";
import { redisMiddleware } from "../mixins/redis";
import { ZodValidator } from "../plugins/zod-validator";
import { DomainErrorRegenerator } from "../services/errors";
import { pinoLogger } from "./logger";
import { requestContext } from "./request-context";

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

    requestTimeout: 10_000,
    retryPolicy: {
      enabled: false,
      retries: 3,
      delay: 50,
      maxDelay: 1000,
      factor: 2,
      check: (error: Error) => isRetryable(error),
    },
    circuitBreaker: {
      enabled: true,
      threshold: 0.5,
      minRequestCount: 20,
      windowTime: 30,
      halfOpenTime: 2000,
      check: (error: Error) => isRetryable(error),
    },
    tracking: { enabled: true, shutdownTimeout: 10_000 },
    // The default of a second would be spent at every start.
    dependencyInterval: 50,

    validator: new ZodValidator((faults) => new InvalidInputError(faults)),
    errorRegenerator: new DomainErrorRegenerator(),
    // Our own counters only: Moleculer's per-call metrics cost five times a call (docs/decisions/0004-own-counters.md).
    metrics: { enabled: true, collectProcessMetrics: true, collectInterval: 15 },

    internalMiddlewares: false,
    middlewares: [
      ...(options.outer ?? []),
      postgresMiddleware(),
      redisMiddleware(),
      ...(options.middlewares ?? []),
      requestContext(),
      "ActionHook",
      "Validator",
      "Bulkhead",
      "ContextTracker",
      // Timeout stands before CircuitBreaker, which counts no timeouts otherwise.
      "Timeout",
      "CircuitBreaker",
      "Retry",
      "ErrorHandler",
      ...(options.isHot ? ["HotReload"] : []),
    ],
  };
}

function isRetryable(error: Error): boolean {
  return (error as { retryable?: boolean }).retryable === true;
}
