import { LRUCache } from "lru-cache";
import { createHash } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import type { Role } from "../../lib/contract";
import type { Mixin } from "../define-service";

/** Who stands behind a token that was found good. */
export interface Bearer {
  user_id: number;
  role: Role;
  session_id: string;
  expiresAtMs: number;
}

/** The longest that a node may believe in an account that another node changed, when the hint of it was lost. */
const LIFE_MS = 10_000;
const TOKENS = 50_000;

/** Bearers by token, for ten seconds, and none that was read before its account last changed. */
export class StandingCache {
  private clock = 0;
  private readonly bearers = new LRUCache<string, { bearer: Bearer; readAt: number }>({ max: TOKENS, ttl: LIFE_MS });
  /** Kept longer than a read takes, and than anything that was read before. */
  private readonly changes = new LRUCache<number, number>({ max: TOKENS, ttl: 6 * LIFE_MS });

  async bearerOf(token: string, read: () => Promise<Bearer>): Promise<Bearer> {
    const key = createHash("sha256").update(token).digest("base64url");
    const known = this.bearers.get(key);
    if (known && this.isCurrent(known) && known.bearer.expiresAtMs > Date.now()) return known.bearer;
    const readAt = this.clock;
    const bearer = await read();
    this.bearers.set(key, { bearer, readAt });
    return bearer;
  }

  /** What was read of this account up to now, and what is just being read, is not believed any more. */
  drop(userId: number): void {
    this.changes.set(userId, (this.clock += 1));
  }

  private isCurrent({ bearer, readAt }: { bearer: Bearer; readAt: number }): boolean {
    return (this.changes.get(bearer.user_id) ?? 0) <= readAt;
  }
}

/** Gives a service `this.standings`, and tells its other nodes when an account or its sessions changed. */
export const standingCache: Mixin<{ standings: StandingCache; standingChanged(userId: number): void }> = {
  events: {
    "auth.changed"(this: { standings: StandingCache }, ctx: { params: { user_id: number } }) {
      this.standings.drop(ctx.params.user_id);
    },
  },
  methods: {
    standingChanged(this: { standings: StandingCache; broker: ServiceBroker }, userId: number) {
      this.standings.drop(userId);
      // A hint that may be lost: ten seconds bound what that costs.
      void this.broker.broadcast("auth.changed", { user_id: userId }, { groups: ["auth"] });
    },
  },
  created(this: { standings?: StandingCache }) {
    this.standings = new StandingCache();
  },
} as Mixin<{ standings: StandingCache; standingChanged(userId: number): void }>;
