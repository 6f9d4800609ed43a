import type { IncomingMessage, ServerResponse } from "node:http";

const exposed = "X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, ETag, Content-Range";

/** Lets browsers of exactly these origins in. True when the request was a preflight and is answered. */
export function answerCors(request: IncomingMessage, response: ServerResponse, origins: ReadonlySet<string>): boolean {
  const { origin } = request.headers;
  response.setHeader("vary", "Origin");
  if (origin !== undefined && origins.has(origin)) {
    response.setHeader("access-control-allow-origin", origin);
    response.setHeader("access-control-expose-headers", exposed);
  }
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return false;
  if (origin !== undefined && origins.has(origin)) {
    response.setHeader("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
    response.setHeader(
      "access-control-allow-headers",
      "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Request-Id, Range",
    );
    response.setHeader("access-control-max-age", "600");
  }
  response.writeHead(204, { "content-length": "0" }).end();
  return true;
}
