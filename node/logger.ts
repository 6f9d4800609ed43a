import type { LoggerConfig } from "moleculer";
import type { Config } from "../lib/config";
import { currentRequestId } from "../lib/request-id";

/** Modules of Moleculer that tell at each start what nobody asked for. */
const chatty = [
  "BROKER",
  "REGISTRY",
  "TRANSIT",
  "TRANSPORTER",
  "METRICS",
  "TRACER",
  "$NODE",
  "DISCOVERY",
  "CACHER",
  "HOT-RELOAD",
];

/** JSON lines on standard output, each with the id of the request that it belongs to. Moleculer's own modules speak from `warn` on. */
export function pinoLogger(config: Config): LoggerConfig {
  const level = config.logLevel;
  const ownLevel = level === "info" ? "warn" : level;
  const levels = Object.fromEntries(chatty.map((module) => [module, ownLevel]));
  if (config.logFormat === "short") {
    return { type: "Console", options: { formatter: "short", level: { ...levels, "**": level } as never } };
  }
  return {
    type: "Pino",
    options: {
      level: { ...levels, "**": level } as never,
      pino: {
        options: {
          level,
          base: undefined,
          timestamp: () => `,"time":"${new Date().toISOString()}"`,
          hooks: {
            // Moleculer's loggers take an error last; pino would drop it there.
            logMethod([first, second, ...rest]: unknown[], method: (...args: unknown[]) => void) {
              if (typeof first === "string" && second instanceof Error)
                method.call(this, { err: second }, first, ...rest);
              else method.call(this, first, second, ...rest);
            },
          },
          formatters: { level: (label: string) => ({ level: label }) },
          mixin: () => {
            const request_id = currentRequestId();
            return request_id === undefined ? {} : { request_id };
          },
        },
      },
    },
  };
}
