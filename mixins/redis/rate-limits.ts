export interface RateLimitVerdict {
  is_allowed: boolean;
  limit: number;
  remaining: number;
  /** Until the window ends. */
  reset_seconds: number;
}

export interface RateLimits {
  /** Counts one request of this key in windows of a minute. */
  take(key: string, limitPerMinute: number): Promise<RateLimitVerdict>;
}
