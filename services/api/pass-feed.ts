import type { Span } from "moleculer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { underWayOf } from "../../lib/draining";
import { paging } from "../../lib/fields";
import { warmFeedOf } from "../../lib/warm-feed";
import type { Authenticated } from "./authenticate";
import { clientAddress } from "./client-address";
import { limitRate } from "./limit-rate";
import { requestIdOf } from "./request-id";
import { sendBytes } from "./send";
import { failRequest, finishRequest, type Gateway } from "./serve-request";
import { traceRequest } from "./trace-request";

const ROUTE = "GET /api/v1/feed";
/** Every limit that a page may have, by how it is written, as the schema of every route has it: to ask that takes longer. */
const limits = new Map(
  [undefined, ...Array.from({ length: 1_000 }, (_, i) => String(i))].map((text) => {
    return [text, paging.limit.safeParse(text && Number(text)).data] as const;
  }),
);
const PATH = /^\/api\/v1\/feed(?:\?limit=(\d{1,3}))?$/;

/**
 * The newest page of a feed, passed on as the bytes that newsfeed made of it: the fast way past router, query parser and schemas
 * (docs/decisions/0019-warm-reads.md). False, with nothing done, for every other request, and where the bearer has to be asked
 * about: all that may be wrong with one is told in the way of every route.
 */
export function passFeed(gateway: Gateway, request: IncomingMessage, response: ServerResponse): boolean {
  const limit = limitOf(request);
  if (limit === undefined || request.headers.origin !== undefined || !gateway.broker.started) return false;
  const who = gateway.authenticator.known(request.headers.authorization);
  if (who === undefined) return false;
  const startedMs = performance.now();
  const requestId = requestIdOf(request);
  const span = traceRequest(gateway, requestId, ROUTE);
  const warm = gateway.config.rateLimits ? undefined : warmFeedOf(gateway.broker)?.(who.viewer, limit, requestId);
  if (Buffer.isBuffer(warm)) {
    setHeaders(response, requestId);
    sendBytes(response, warm);
    finishRequest(gateway, request, response, startedMs, who.viewer.id, span);
  } else void pass(gateway, { request, response, requestId, startedMs, span, who, limit, warm });
  return true;
}

interface Passed {
  request: IncomingMessage;
  response: ServerResponse;
  requestId: string;
  startedMs: number;
  span: Span | undefined;
  who: Authenticated;
  limit: number;
  /** What newsfeed is at already. */
  warm: Promise<Buffer | undefined> | undefined;
}

function limitOf({ method, url, headers }: IncomingMessage): number | undefined {
  const isBare = headers["content-length"] === undefined && headers["transfer-encoding"] === undefined;
  const found = method === "GET" && isBare ? PATH.exec(url ?? "") : null;
  return found === null ? undefined : limits.get(found[1]);
}

async function pass(gateway: Gateway, passed: Passed): Promise<void> {
  const { request, response, requestId } = passed;
  const { viewer } = passed.who;
  const underWay = underWayOf(gateway.broker);
  underWay.count += 1;
  setHeaders(response, requestId);
  try {
    if (gateway.config.rateLimits) await limitReads(gateway, request, response, viewer.id);
    sendBytes(response, await pageOf(gateway, passed));
  } catch (error) {
    failRequest(gateway, request, response, error, requestId);
  } finally {
    underWay.count -= 1;
    finishRequest(gateway, request, response, passed.startedMs, viewer.id, passed.span);
  }
}

async function limitReads(gateway: Gateway, request: IncomingMessage, response: ServerResponse, viewerId: number) {
  const { config, rateLimits } = gateway;
  const address = clientAddress(request, config.trustedProxies);
  await limitRate(rateLimits, config, "read", { viewerId, address }, response);
}

async function pageOf(
  { broker, pages }: Gateway,
  { limit, requestId, who: { viewer }, warm }: Passed,
): Promise<Buffer> {
  const ofProcess = warmFeedOf(broker);
  if (ofProcess === undefined) return pages.read(broker, viewer, limit, requestId);
  const page = await (warm ?? ofProcess(viewer, limit, requestId));
  return page ?? broker.call("newsfeed.readNewest", { limit }, { meta: { viewer }, requestID: requestId });
}

function setHeaders(response: ServerResponse, requestId: string): void {
  response.setHeader("x-request-id", requestId);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("vary", "Origin");
}
