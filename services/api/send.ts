import { Errors } from "moleculer";
import type { ServerResponse } from "node:http";
import { DomainError, UnavailableError } from "../../lib/errors";
import { InternalError } from "./api.errors";

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (status === 204) {
    response.writeHead(204).end();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}

/** JSON that somebody else wrote. */
export function sendBytes(response: ServerResponse, json: Buffer): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8", "content-length": json.length });
  response.end(json);
}

/** The one shape of an error. Of what we did not throw on purpose nothing is told. */
export function sendError(response: ServerResponse, error: DomainError, requestId: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const details = error.data as Record<string, unknown> | undefined;
  const retryAfter = details?.["retry_after_seconds"];
  if (typeof retryAfter === "number") response.setHeader("retry-after", retryAfter);
  if (error.code === 503) response.setHeader("retry-after", 1);
  if (Array.isArray(details?.["allowed"])) response.setHeader("allow", (details["allowed"] as string[]).join(", "));
  if (typeof details?.["upgrade"] === "string") response.setHeader("upgrade", details["upgrade"]);
  if (error.code === 401) response.setHeader("www-authenticate", "Bearer");
  sendJson(response, error.code, {
    error: {
      type: error.type,
      message: error.message,
      ...(details === undefined ? {} : { details }),
      request_id: requestId,
    },
  });
}

const unreachable = [
  Errors.ServiceNotFoundError,
  Errors.ServiceNotAvailableError,
  Errors.RequestTimeoutError,
  Errors.RequestSkippedError,
  Errors.RequestRejectedError,
  Errors.QueueIsFullError,
  Errors.BrokerDisconnectedError,
];

/** What a client may learn of an error. */
export function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  if (unreachable.some((Class) => error instanceof Class)) return new UnavailableError();
  return new InternalError();
}
