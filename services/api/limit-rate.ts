import type { ServerResponse } from "node:http";
import type { Config } from "../../lib/config";
import type { RateLimits } from "../../mixins/redis/rate-limits";
import { TooManyRequestsError } from "./api.errors";
import type { Rate } from "./route";

/** Counts a request against its limit and tells the client how it stands. @throws {TooManyRequestsError} */
export async function limitRate(
  limits: RateLimits,
  config: Config,
  rate: Rate,
  who: { viewerId: number | undefined; address: string },
  response: ServerResponse,
): Promise<void> {
  if (!config.rateLimits) return;
  const limit = { auth: config.rateLimitAuth, read: config.rateLimitReads, write: config.rateLimitWrites }[rate];
  // Before there is a user there is only the address, and an address may try names and passwords without end.
  const person = rate === "auth" || who.viewerId === undefined ? `address:${who.address}` : `user:${who.viewerId}`;
  const verdict = await limits.take(`${rate}:${person}`, limit);
  response.setHeader("ratelimit-limit", verdict.limit);
  response.setHeader("ratelimit-remaining", verdict.remaining);
  response.setHeader("ratelimit-reset", verdict.reset_seconds);
  if (!verdict.is_allowed) throw new TooManyRequestsError(verdict.reset_seconds);
}
