import type { Context, Service, Span } from "moleculer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../../lib/config";
import type { RateLimits } from "../../mixins/redis/rate-limits";
import type { Call, Meta } from "../define-service";
import { answerCors } from "./answer-cors";
import { MethodNotAllowedError, RouteNotFoundError } from "./api.errors";
import type { Authenticator } from "./authenticate";
import { clientAddress } from "./client-address";
import type { Endpoint, Exchange } from "./exchange";
import type { KnownPages } from "./known-pages";
import { limitRate } from "./limit-rate";
import type { Live } from "./live/live";
import type { Rate } from "./route";
import { prefix, routes } from "./routes";
import { sendError, toDomainError } from "./send";
import { finishTrace, traceRequest } from "./trace-request";

/** What the gateway keeps between requests. */
export interface Gateway {
  config: Config;
  authenticator: Authenticator;
  pages: KnownPages;
  rateLimits: RateLimits;
  origins: ReadonlySet<string>;
  live: Live;
  logger: Service["logger"];
  broker: Service["broker"];
  /** Moleculer-web's router. */
  resolveAlias(url: string, method: string): unknown;
}

export interface Found {
  endpoint: Endpoint;
  path: Record<string, string>;
}

const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const rates = new Map<string, Rate>(routes.map(({ method, path, rate }) => [`${method} ${prefix}${path}`, rate]));

/** One request, from its first byte to its answer. Never throws: an error is an answer too. */
export async function serveRequest(
  gateway: Gateway,
  ctx: Context<unknown, Meta>,
  request: IncomingMessage,
  response: ServerResponse,
  found: Found | undefined,
): Promise<void> {
  const startedMs = performance.now();
  const requestId = ctx.requestID ?? ctx.id;
  const span = traceRequest(gateway, requestId, `${request.method} ${found?.endpoint.path ?? "nothing"}`);
  ctx.tracing = span !== undefined;
  if (span) ctx.span = span;
  response.setHeader("x-content-type-options", "nosniff");
  // A gateway that stops has its clients come back to another one.
  if (!gateway.broker.started) response.setHeader("connection", "close");
  try {
    if (answerCors(request, response, gateway.origins)) return;
    const { pathname, searchParams } = new URL(originalUrl(request), "http://gateway");
    if (found === undefined) throw missing(gateway, pathname);
    await serveFound(gateway, ctx, found, { request, response, requestId, query: searchParams });
  } catch (error) {
    failRequest(gateway, request, response, error, requestId);
  } finally {
    finishRequest(gateway, request, response, startedMs, ctx.meta.viewer?.id, span);
  }
}

/** Answers with an error. */
export function failRequest(
  { logger }: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
  requestId: string,
): void {
  const told = toDomainError(error);
  if (told.code >= 500) logger.error({ err: error, url: pathOf(request) }, "A request failed.");
  // What the client goes on sending is not read: the connection cannot be used again.
  if (!request.complete) response.setHeader("connection", "close");
  sendError(response, told, requestId);
  if (!request.complete) request.resume();
}

/** Logs a request that was answered, and ends its trace. */
export function finishRequest(
  { logger }: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
  startedMs: number,
  user_id: number | undefined,
  span: Span | undefined,
): void {
  const duration_ms = Math.round((performance.now() - startedMs) * 10) / 10;
  const { statusCode: status } = response;
  if (span) finishTrace(span, response);
  logger.info({ method: request.method, path: pathOf(request), status, duration_ms, user_id }, "request");
}

async function serveFound(
  { config, authenticator, rateLimits }: Gateway,
  ctx: Context<unknown, Meta>,
  { endpoint, path }: Found,
  parts: Pick<Exchange, "request" | "response" | "requestId" | "query">,
): Promise<void> {
  const { request, response } = parts;
  const call: Call = (name, params, options) => ctx.call(name, params as never, options) as never;
  const address = clientAddress(request, config.trustedProxies);
  const isApi = endpoint.path.startsWith(prefix);
  const rate = rates.get(`${endpoint.method} ${endpoint.path}`) ?? (endpoint.method === "POST" ? "write" : "read");
  // Guessing tokens is counted too, so the address pays before the token is looked at where it decides who is asking.
  if (rate === "auth") await limitRate(rateLimits, config, rate, { viewerId: undefined, address }, response);
  const who = isApi ? await authenticator.authenticate(request.headers.authorization, call) : undefined;
  if (who !== undefined) ctx.meta.viewer = who.viewer;
  if (isApi && rate !== "auth")
    await limitRate(rateLimits, config, rate, { viewerId: who?.viewer.id, address }, response);
  await endpoint.serve({ ...parts, path, address, who, call });
}

function missing(gateway: Gateway, url: string): Error {
  const allowed = methods.filter((method) => gateway.resolveAlias(url, method));
  return allowed.length > 0 ? new MethodNotAllowedError(allowed) : new RouteNotFoundError();
}

/** Moleculer-web cuts `url` at the route's path and keeps the whole here. */
function originalUrl(request: IncomingMessage): string {
  return (request as { originalUrl?: string }).originalUrl ?? request.url ?? "/";
}

/** Without the query: a signature or a search is nobody's business in a log. */
function pathOf(request: IncomingMessage): string {
  return originalUrl(request).split("?")[0]!;
}
