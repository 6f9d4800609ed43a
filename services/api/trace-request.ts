import type { Span } from "moleculer";
import type { ServerResponse } from "node:http";
import { isTraced, rootSpanIdOf, traceIdOf } from "../../lib/trace";
import type { Gateway } from "./serve-request";

/** The span of a whole request, named by its route, for an address may hold somebody's name; undefined of one that is not traced. */
export function traceRequest({ broker, config }: Gateway, requestId: string, route: string): Span | undefined {
  if (!isTraced(config, requestId)) return undefined;
  const ids = { id: rootSpanIdOf(requestId), traceID: traceIdOf(requestId) };
  return broker.tracer.startSpan(route, {
    ...{ ...ids, type: "request", service: "api", sampled: true },
    tags: { request_id: requestId },
  });
}

export function finishTrace(span: Span, { statusCode }: ServerResponse): void {
  span.addTags({ "http.status_code": statusCode });
  if (statusCode >= 500) span.addTags({ error: "true" });
  span.finish();
}
