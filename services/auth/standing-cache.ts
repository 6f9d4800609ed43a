import type { ServiceBroker } from "moleculer";
import { type Bearer as AnyBearer, BearerCache } from "../../lib/bearer-cache";
import type { Role } from "../../lib/contract";
import type { Mixin } from "../define-service";

export interface Bearer extends AnyBearer {
  role: Role;
  session_id: string;
}

interface Members {
  standings: BearerCache<Bearer>;
  standingChanged(userId: number): void;
}

/** Gives a service `this.standings`, and tells every node when an account or its sessions changed. */
export const standingCache = {
  events: {
    "auth.changed"(this: Members, ctx: { params: { user_id: number } }) {
      this.standings.drop(ctx.params.user_id);
    },
  },
  methods: {
    standingChanged(this: Members & { broker: ServiceBroker }, userId: number) {
      this.standings.drop(userId);
      // A hint that may be lost: ten seconds bound what that costs.
      void this.broker.broadcast("auth.changed", { user_id: userId });
    },
  },
  created(this: Partial<Members>) {
    this.standings = new BearerCache();
  },
} as unknown as Mixin<Members>;
