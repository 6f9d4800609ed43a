import type { Context, Middleware } from "moleculer";
import { UnavailableError } from "../lib/errors";

/**
 * What a handler could not reach was tried again where it was called: whoever called the handler does not try all of it once more.
 * Four services in a row, each trying three times, would be 81 calls.
 */
export function retryAtOneHop(): Middleware {
  return {
    name: "RetryAtOneHop",
    localAction(handler: (ctx: Context) => Promise<unknown>) {
      return async (ctx: Context) => {
        try {
          return await handler(ctx);
        } catch (error) {
          if ((error as { retryable?: unknown }).retryable !== true) throw error;
          throw Object.assign(new UnavailableError(), { cause: error });
        }
      };
    },
  };
}
