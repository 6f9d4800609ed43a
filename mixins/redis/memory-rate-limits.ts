import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { RateLimits, RateLimitVerdict } from "./rate-limits";

/** Counts in this process: right for one node. */
export class MemoryRateLimits implements RateLimits {
  private readonly limiters = new Map<number, RateLimiterMemory>();

  async take(key: string, limitPerMinute: number): Promise<RateLimitVerdict> {
    let limiter = this.limiters.get(limitPerMinute);
    if (limiter === undefined) {
      limiter = new RateLimiterMemory({ points: limitPerMinute, duration: 60 });
      this.limiters.set(limitPerMinute, limiter);
    }
    try {
      return verdict(true, limitPerMinute, await limiter.consume(key));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return verdict(false, limitPerMinute, refused);
    }
  }
}

function verdict(is_allowed: boolean, limit: number, state: RateLimiterRes): RateLimitVerdict {
  return {
    is_allowed,
    limit,
    remaining: Math.max(0, state.remainingPoints),
    reset_seconds: Math.ceil(state.msBeforeNext / 1000),
  };
}
