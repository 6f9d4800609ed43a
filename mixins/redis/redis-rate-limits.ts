import { RateLimiterRedis } from "rate-limiter-flexible";
import { countIn, MemoryRateLimits } from "./memory-rate-limits";
import type { RateLimits, RateLimitVerdict } from "./rate-limits";
import type { RedisLink } from "./redis-link";

/** Counts for all nodes together. While Redis is absent each node counts for itself. */
export class RedisRateLimits implements RateLimits {
  private readonly own = new MemoryRateLimits();
  private readonly limiters = new Map<number, RateLimiterRedis>();

  constructor(private readonly link: RedisLink) {}

  async take(key: string, limitPerMinute: number): Promise<RateLimitVerdict> {
    const verdict = await this.link.ask(undefined, () =>
      this.link.tell((client) => {
        let limiter = this.limiters.get(limitPerMinute);
        if (limiter === undefined) {
          const keyPrefix = this.link.key(`rate:${limitPerMinute}`);
          limiter = new RateLimiterRedis({ storeClient: client, points: limitPerMinute, duration: 60, keyPrefix });
          this.limiters.set(limitPerMinute, limiter);
        }
        return countIn(limiter, key, limitPerMinute);
      }),
    );
    return verdict ?? this.own.take(key, limitPerMinute);
  }
}
