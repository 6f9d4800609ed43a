import { LRUCache } from "lru-cache";
import { hash } from "node:crypto";

/** Who stands behind a token that was found good. */
export interface Bearer {
  user_id: number;
  expiresAtMs: number;
}

/** The longest that a node may believe in an account that another node changed, when the hint of it was lost. */
const lifeMs = 10_000;
const maxTokens = 50_000;

/** Bearers by token, for ten seconds, and none that was read before its account last changed. */
export class BearerCache<B extends Bearer> {
  private clock = 0;
  private readonly bearers = new LRUCache<string, { bearer: B; readAt: number }>({ max: maxTokens, ttl: lifeMs });
  /** Kept longer than a read takes, and than anything that was read before. */
  private readonly changes = new LRUCache<number, number>({ max: maxTokens, ttl: 6 * lifeMs });

  /** Undefined for a token that has to be asked about. */
  known(token: string): B | undefined {
    return this.find(keyOf(token));
  }

  async bearerOf(token: string, read: () => Promise<B>): Promise<B> {
    const key = keyOf(token);
    const known = this.find(key);
    if (known !== undefined) return known;
    const readAt = this.clock;
    const bearer = await read();
    this.bearers.set(key, { bearer, readAt });
    return bearer;
  }

  /** What was read of this account up to now, and what is just being read, is not believed any more. */
  drop(userId: number): void {
    this.changes.set(userId, (this.clock += 1));
  }

  private find(key: string): B | undefined {
    const known = this.bearers.get(key);
    const isGood = known && this.isCurrent(known) && known.bearer.expiresAtMs > Date.now();
    return isGood ? known.bearer : undefined;
  }

  private isCurrent({ bearer, readAt }: { bearer: B; readAt: number }): boolean {
    return (this.changes.get(bearer.user_id) ?? 0) <= readAt;
  }
}

/** A digest, so that no dump of memory hands out tokens. */
function keyOf(token: string): string {
  return hash("sha256", token, "base64url");
}
