import { type Bearer, BearerCache } from "../../lib/bearer-cache";
import type { Viewer } from "../../lib/contract";
import { UnauthenticatedError } from "../../lib/errors";
import type { Call } from "../define-service";

export interface Authenticated extends Bearer {
  viewer: Viewer;
  sessionId: string;
}

/** Remembers for a moment who stands behind a token, so that a read costs no call to auth. */
export class Authenticator {
  private readonly known = new BearerCache<Authenticated>();

  /** Undefined without an Authorization header. @throws {UnauthenticatedError} for a header that is none, or a token that is not good. */
  async authenticate(header: string | undefined, call: Call): Promise<Authenticated | undefined> {
    if (header === undefined) return undefined;
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
    if (token === undefined) throw new UnauthenticatedError();
    return this.bearer(token, "access", call);
  }

  /** The same for a ticket, which opens streams alone. */
  async authenticateTicket(ticket: string, call: Call): Promise<Authenticated> {
    if (!/^[\w.-]{1,4096}$/.test(ticket)) throw new UnauthenticatedError();
    return this.bearer(ticket, "stream", call);
  }

  private bearer(token: string, use: "access" | "stream", call: Call): Promise<Authenticated> {
    return this.known.bearerOf(`${use} ${token}`, async () => {
      const { viewer, session_id, expires_at } = await call("auth.authenticate", { token, use });
      return { user_id: viewer.id, viewer, sessionId: session_id, expiresAtMs: Date.parse(expires_at) };
    });
  }

  /** Sessions or rights of this account changed: its tokens are asked about again. */
  forget(userId: number): void {
    this.known.drop(userId);
  }
}
