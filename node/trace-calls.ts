import type { Context, Middleware } from "moleculer";
import type { Config } from "../lib/config";
import { isTraced, rootSpanIdOf, traceIdOf } from "../lib/trace";

interface Traceable {
  tracing?: boolean;
}

/**
 * A span for each call of a traced request. Moleculer's own middleware makes one of every call, puts its params into it, and throws
 * it away where it is not sampled (docs/decisions/0021-sampled-tracing.md).
 */
export function traceCalls(config: Config): Middleware {
  return {
    name: "TraceCalls",
    localAction(handler: (ctx: Context) => Promise<unknown>, action: unknown) {
      if (config.traceUrl === undefined || (action as Traceable).tracing === false) return handler;
      return (ctx: Context) => {
        ctx.tracing ??= isTraced(config, requestIdOf(ctx));
        return ctx.tracing ? traced(handler, ctx) : handler(ctx);
      };
    },
  };
}

async function traced(handler: (ctx: Context) => Promise<unknown>, ctx: Context): Promise<unknown> {
  const requestId = requestIdOf(ctx);
  // An event came without word of what it came from; its request id tells.
  const parentID = ctx.parentID ?? (requestId === ctx.id ? null : rootSpanIdOf(requestId));
  const span = ctx.startSpan(String(ctx.action?.name), {
    ...{ type: "action", id: ctx.id, traceID: traceIdOf(requestId), parentID, sampled: true },
    ...(ctx.service ? { service: ctx.service } : {}),
    tags: { request_id: requestId },
  });
  try {
    return await handler(ctx);
  } catch (error) {
    span.setError(error as Error);
    throw error;
  } finally {
    ctx.finishSpan(span);
  }
}

function requestIdOf(ctx: Context): string {
  return ctx.requestID ?? ctx.id;
}
