import { type IncomingMessage, type Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { ForbiddenError } from "../../../lib/errors";
import { callerOf } from "../../define-service";
import { MalformedRequestError } from "../api.errors";
import { clientAddress } from "../client-address";
import { limitRate } from "../limit-rate";
import { prefix } from "../routes";
import { sendError, toDomainError } from "../send";
import type { Gateway } from "../serve-request";
import { credentialOf, whoShows } from "./live-credential";
import { lastIdOf } from "./serve-stream";
import { SocketChannel } from "./socket-channel";

export const socketPath = `${prefix}/feed/socket`;
/** Clients have nothing to say. */
const MOST_BYTES = 1_024;

const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  clientTracking: false,
  maxPayload: MOST_BYTES,
});

/** A request that asks to speak something else than HTTP. Refused, it is answered as any other request. */
export async function acceptUpgrade(
  gateway: Gateway & { server: Server },
  requestId: string,
  request: IncomingMessage,
  line: Socket,
  head: Buffer,
): Promise<void> {
  line.on("error", () => line.destroy());
  const response = new ServerResponse(request);
  response.assignSocket(line);
  response.shouldKeepAlive = false;
  response.once("finish", () => line.end());
  response.setHeader("x-request-id", requestId);
  const { url = "/", method = "", headers } = request;
  const target = URL.canParse(url, "http://gateway") ? new URL(url, "http://gateway") : undefined;
  const isSocket = headers.upgrade?.toLowerCase() === "websocket" && target?.pathname === socketPath;
  // An offer that nobody must take up, such as h2c. What came behind it is no body any more.
  if (!isSocket && target !== undefined && ["GET", "HEAD"].includes(method)) {
    line.on("drain", () => response.emit("drain"));
    gateway.server.emit("request", request, response);
    return;
  }
  try {
    if (!isSocket) throw new MalformedRequestError("Nothing but a WebSocket is upgraded to here.");
    await openSocket(gateway, request, response, line, head, target.searchParams);
  } catch (error) {
    sendError(response, toDomainError(error), requestId);
  } finally {
    const status = response.headersSent ? response.statusCode : 101;
    gateway.logger.info({ method, path: target?.pathname, status, request_id: requestId }, "request");
  }
}

async function openSocket(
  { live, authenticator, broker, config, rateLimits, origins }: Gateway,
  request: IncomingMessage,
  response: ServerResponse,
  line: Socket,
  head: Buffer,
  query: URLSearchParams,
): Promise<void> {
  refuseForeign(request, origins);
  const credential = credentialOf(request, query);
  const who = await whoShows(authenticator, credential, callerOf(broker));
  const address = clientAddress(request, config.trustedProxies);
  await limitRate(rateLimits, config, "read", { viewerId: who.viewer.id, address }, response);
  const lastId = lastIdOf(undefined, query);
  await live.open({ who, credential, lastId }, () => {
    response.detachSocket(line);
    if (line.destroyed) return Promise.reject(new MalformedRequestError("The client left."));
    return new Promise((resolve, reject) => {
      line.once("close", () => reject(new MalformedRequestError("The handshake failed.")));
      sockets.handleUpgrade(request, line, head, (socket) => resolve(new SocketChannel(socket, line)));
    });
  });
}

/** No browser keeps a page of another origin from opening a WebSocket, so it is done here. */
function refuseForeign({ headers }: IncomingMessage, origins: ReadonlySet<string>): void {
  const { origin, host } = headers;
  if (origin === undefined || origins.has(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new ForbiddenError("Pages of this origin may not connect.");
}
