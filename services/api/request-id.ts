import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** A client's own id is kept where it is plain text, for it ends up in logs. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers["x-request-id"] ?? request.headers["x-correlation-id"];
  return typeof given === "string" && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID();
}
