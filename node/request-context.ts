import type { Context, Middleware } from "moleculer";
import { AsyncLocalStorage } from "node:async_hooks";

const requests = new AsyncLocalStorage<string>();

/** The id of the request that is being worked for, on every node that it touches. */
export function currentRequestId(): string | undefined {
  return requests.getStore();
}

/** Remembers the request id while an action runs, so that every line logged meanwhile carries it. */
export function requestContext(): Middleware {
  return {
    name: "RequestContext",
    localAction(handler: (ctx: Context) => unknown) {
      return (ctx: Context) => {
        const id = ctx.requestID ?? undefined;
        // Entering a store costs; a local call of the same request has it already.
        if (id === undefined || id === requests.getStore()) return handler(ctx);
        return requests.run(id, () => handler(ctx));
      };
    },
  } as unknown as Middleware;
}
