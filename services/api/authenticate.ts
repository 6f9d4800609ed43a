import { LRUCache } from "lru-cache";
import { createHash } from "node:crypto";
import type { Viewer } from "../../lib/contract";
import { UnauthenticatedError } from "../../lib/errors";
import type { Call } from "../define-service";

export interface Authenticated {
  viewer: Viewer;
  sessionId: string;
}

/** A session that ended elsewhere is noticed after this long at the latest; one that ended here, at once. */
const trustedMs = 10_000;

/** Remembers for a moment who stands behind a token, so that a read costs no call to auth. */
export class Authenticator {
  private readonly known = new LRUCache<string, Authenticated>({ max: 50_000, ttl: trustedMs });
  private readonly tokensOf = new Map<number, Set<string>>();

  /** Undefined without an Authorization header. @throws {UnauthenticatedError} for a header that is none, or a token that is not good. */
  async authenticate(header: string | undefined, call: Call): Promise<Authenticated | undefined> {
    if (header === undefined) return undefined;
    const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(header)?.[1];
    if (token === undefined) throw new UnauthenticatedError();
    const key = createHash("sha256").update(token).digest("base64url");
    const remembered = this.known.get(key);
    if (remembered !== undefined) return remembered;
    const { viewer, session_id, expires_at } = await call("auth.authenticate", { token });
    const authenticated = { viewer, sessionId: session_id };
    const ttl = Math.min(trustedMs, Date.parse(expires_at) - Date.now());
    if (ttl > 0) this.remember(key, authenticated, ttl);
    return authenticated;
  }

  private remember(key: string, authenticated: Authenticated, ttl: number): void {
    this.known.set(key, authenticated, { ttl });
    const { id } = authenticated.viewer;
    const tokens = this.tokensOf.get(id) ?? new Set<string>();
    tokens.add(key);
    this.tokensOf.set(id, tokens);
    // Bounded: keys of tokens that were dropped long ago go with everyone else's.
    if (this.tokensOf.size > 100_000) this.tokensOf.clear();
  }

  /** Sessions or rights of this account changed: its tokens are asked about again. */
  forget(userId: number): void {
    for (const key of this.tokensOf.get(userId) ?? []) this.known.delete(key);
    this.tokensOf.delete(userId);
  }
}
