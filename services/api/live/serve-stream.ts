import { InvalidInputError } from "../../../lib/errors";
import { callerOf } from "../../define-service";
import { NotAcceptableError } from "../api.errors";
import type { Exchange } from "../exchange";
import type { Gateway } from "../serve-request";
import { credentialOf, whoShows } from "./live-credential";
import { EVENT_STREAM, SseChannel, streamHeaders } from "./sse-channel";

/** The viewer's feed as a stream of server-sent events. Answers when the stream is open: it lives on without its request. */
export async function serveStream(
  { live, authenticator, broker }: Gateway,
  { request, response, query }: Exchange,
): Promise<void> {
  const credential = credentialOf(request, query);
  const who = await whoShows(authenticator, credential, callerOf(broker));
  if (!takesEvents(request.headers.accept)) throw new NotAcceptableError(EVENT_STREAM);
  if (request.method === "HEAD") {
    response.writeHead(200, streamHeaders).end();
    return;
  }
  const lastId = lastIdOf(request.headers["last-event-id"], query);
  await live.open({ who, credential, lastId }, async () => new SseChannel(response));
}

/** The header is what a browser sends when it comes back by itself, so it is newer than what stands in its URL. */
export function lastIdOf(header: string | string[] | undefined, query: URLSearchParams): string | undefined {
  for (const [field] of query) {
    if (field !== "ticket" && field !== "last_event_id")
      throw new InvalidInputError([{ field, message: "is not known here" }]);
  }
  const id = header === undefined || header === "" ? query.get("last_event_id") : String(header);
  return id === null || id === "" ? undefined : id;
}

function takesEvents(accept: string | undefined): boolean {
  if (accept === undefined) return true;
  return accept.split(",").some((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return !isRefused && ["*/*", "text/*", EVENT_STREAM].includes(type);
  });
}
