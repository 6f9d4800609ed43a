import type { Context, Middleware } from "moleculer";
import { currentRequestId, withRequestId } from "../lib/request-id";

/** Remembers the request id while an action or the handler of a hint runs, so that every line logged meanwhile carries it. */
export function requestContext(): Middleware {
  return {
    name: "RequestContext",
    localAction(handler: (ctx: Context) => unknown) {
      return (ctx: Context) => {
        const id = ctx.requestID ?? undefined;
        // Entering a store costs; a local call of the same request has it already.
        if (id === undefined || id === currentRequestId()) return handler(ctx);
        return withRequestId(id, () => handler(ctx));
      };
    },
    localEvent(handler: (ctx: Context) => Promise<void> | void) {
      return (ctx: Context) => (ctx.requestID ? withRequestId(ctx.requestID, () => handler(ctx)) : handler(ctx));
    },
  };
}
