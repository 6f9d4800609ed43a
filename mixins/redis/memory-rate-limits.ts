import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { RateLimits, RateLimitVerdict } from "./rate-limits";

/** Counts in this process: right for one node. */
export class MemoryRateLimits implements RateLimits {
  private readonly limiters = new Map<number, RateLimiterMemory>();

  take(key: string, limitPerMinute: number): Promise<RateLimitVerdict> {
    let limiter = this.limiters.get(limitPerMinute);
    if (limiter === undefined) {
      limiter = new RateLimiterMemory({ points: limitPerMinute, duration: 60 });
      this.limiters.set(limitPerMinute, limiter);
    }
    return countIn(limiter, key, limitPerMinute);
  }
}

/** Counts one request in a limiter of `limit` points. */
export async function countIn(limiter: RateLimiterAbstract, key: string, limit: number): Promise<RateLimitVerdict> {
  try {
    return verdict(true, limit, await limiter.consume(key));
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    return verdict(false, limit, refused);
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
