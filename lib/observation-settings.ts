import { z } from "zod";
import { collectorUrl, setting, share } from "./setting";

/** What of a node's work others get to see. */
export const observation = {
  logLevel: setting(
    "LOG_LEVEL",
    z.enum(["fatal", "error", "warn", "info", "debug", "trace"]),
    "info",
    "Least level that is logged.",
  ),
  logFormat: setting(
    "LOG_FORMAT",
    z.enum(["json", "short"]),
    "json",
    "`json`, a line an object, or `short` for people.",
  ),
  traceUrl: setting(
    "TRACE_URL",
    collectorUrl.optional(),
    undefined,
    "Where traces go: a collector of Zipkin's format, such as `http://zipkin:9411/api/v2/spans`. Unset: nothing is traced.",
  ),
  traceSample: setting("TRACE_SAMPLE", share, "0.01", "Share of requests that are traced, 0 to 1."),
};
