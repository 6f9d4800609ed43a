import { paging } from "../../lib/fields";
import type { Endpoint } from "./exchange";
import { sendBytes } from "./send";

/**
 * The newest page of a feed, passed on as the bytes that newsfeed made of it (docs/decisions/0019-warm-reads.md). Deeper pages, and
 * questions that are no good, go the way of every route.
 */
export function feedEndpoint(plain: Endpoint): Endpoint {
  return {
    ...plain,
    async serve(exchange) {
      const { request, response, query, who, call } = exchange;
      const limit = limitOf(query);
      const isPlain = limit === undefined || who === undefined || request.headers["content-length"] !== undefined;
      if (isPlain || request.headers["transfer-encoding"] !== undefined) return plain.serve(exchange);
      sendBytes(response, await call("newsfeed.readNewest", { limit }));
    },
  };
}

/** Undefined where more, or something else, is asked than how long the page shall be. */
function limitOf(query: URLSearchParams): number | undefined {
  if (query.size > 1 || (query.size === 1 && !query.has("limit"))) return undefined;
  const text = query.get("limit") ?? undefined;
  if (text !== undefined && !/^\d{1,3}$/.test(text)) return undefined;
  return paging.limit.safeParse(text === undefined ? undefined : Number(text)).data;
}
