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
  private readonly bearers = new BearerCache<Authenticated>();

  /** Who is behind a header of which nobody has to be asked; undefined for any other. */
  known(header: string | undefined): Authenticated | undefined {
    const token = header === undefined ? undefined : tokenOf(header);
    return token === undefined ? undefined : this.bearers.known(`access ${token}`);
  }

  /** Undefined without an Authorization header. @throws {UnauthenticatedError} for a header that is none, or a token that is not good. */
  async authenticate(header: string | undefined, call: Call): Promise<Authenticated | undefined> {
    if (header === undefined) return undefined;
    const token = tokenOf(header);
    if (token === undefined) throw new UnauthenticatedError();
    return this.bearer(token, "access", call);
  }

  /** The same for a ticket, which opens streams alone. */
  async authenticateTicket(ticket: string, call: Call): Promise<Authenticated> {
    if (!/^[\w.-]{1,4096}$/.test(ticket)) throw new UnauthenticatedError();
    return this.bearer(ticket, "stream", call);
  }

  private bearer(token: string, use: "access" | "stream", call: Call): Promise<Authenticated> {
    return this.bearers.bearerOf(`${use} ${token}`, async () => {
      const { viewer, session_id, expires_at } = await call("auth.authenticate", { token, use });
      return { user_id: viewer.id, viewer, sessionId: session_id, expiresAtMs: Date.parse(expires_at) };
    });
  }

  /** Sessions or rights of this account changed: its tokens are asked about again. */
  forget(userId: number): void {
    this.bearers.drop(userId);
  }
}

function tokenOf(header: string): string | undefined {
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
}
