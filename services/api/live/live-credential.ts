import type { IncomingMessage } from "node:http";
import { UnauthenticatedError } from "../../../lib/errors";
import type { Call } from "../../define-service";
import type { Authenticated, Authenticator } from "../authenticate";

/** What a client showed: an Authorization header, or a ticket in the query where it can send none (docs/decisions/0020-live-updates.md). */
export type LiveCredential = { header: string } | { ticket: string };

/** @throws {UnauthenticatedError} where there is neither. */
export function credentialOf(request: IncomingMessage, query: URLSearchParams): LiveCredential {
  const { authorization } = request.headers;
  if (authorization !== undefined) return { header: authorization };
  const ticket = query.get("ticket");
  if (ticket === null) throw new UnauthenticatedError("This needs a valid access token, or a ticket.");
  return { ticket };
}

/** Asked again before anything is told: a session may have ended since. */
export async function whoShows(
  authenticator: Authenticator,
  credential: LiveCredential,
  call: Call,
): Promise<Authenticated> {
  if ("ticket" in credential) return authenticator.authenticateTicket(credential.ticket, call);
  const who = await authenticator.authenticate(credential.header, call);
  if (who === undefined) throw new UnauthenticatedError();
  return who;
}
