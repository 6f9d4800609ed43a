import { InvalidInputError, UnauthenticatedError } from "../../lib/errors";
import type { Endpoint, Exchange } from "./exchange";
import { readParams } from "./read-params";
import type { Route } from "./route";
import { prefix } from "./routes";
import { sendJson } from "./send";

/** The endpoint of a route that takes and answers JSON. */
export function jsonEndpoint(route: Route): Endpoint {
  return { method: route.method, path: `${prefix}${route.path}`, serve: (exchange) => serveJson(route, exchange) };
}

async function serveJson(
  route: Route,
  { request, response, path, query, address, who, call }: Exchange,
): Promise<void> {
  if (route.access !== "anyone" && who === undefined) throw new UnauthenticatedError();
  const params = await readParams(request, route.params, path, query);
  const result = await route.run({
    call,
    params,
    sessionId: who?.sessionId,
    device: { user_agent: String(request.headers["user-agent"] ?? "").slice(0, 512), address },
    idempotencyKey: route.takesIdempotencyKey ? idempotencyKey(request.headers["idempotency-key"]) : undefined,
  });
  sendJson(response, route.status, result);
}

function idempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = String(header);
  if (key.length >= 1 && key.length <= 255) return key;
  throw new InvalidInputError([{ field: "Idempotency-Key", message: "must have 1 to 255 characters" }]);
}
