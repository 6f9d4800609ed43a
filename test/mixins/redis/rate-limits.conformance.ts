import { randomUUID } from "node:crypto";
import type { RateLimits } from "../../../mixins/redis/rate-limits";

export interface RateLimitsUnderTest {
  limits: RateLimits;
  close?(): Promise<void> | void;
}

/** What any side of this seam keeps to. */
export function describeRateLimits(name: string, open: () => RateLimitsUnderTest | Promise<RateLimitsUnderTest>): void {
  describe(`rate limits (${name})`, () => {
    let under: RateLimitsUnderTest;
    let limits: RateLimits;
    beforeAll(async () => {
      under = await open();
      ({ limits } = under);
    });
    afterAll(() => under.close?.());

    it("allow as many as the limit says, and tell how many are left", async () => {
      const key = randomUUID();
      const verdicts = [];
      for (let i = 0; i < 4; i += 1) verdicts.push(await limits.take(key, 3));
      expect(verdicts.map(({ is_allowed }) => is_allowed)).toEqual([true, true, true, false]);
      expect(verdicts.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0]);
      for (const { limit, reset_seconds } of verdicts) {
        expect(limit).toBe(3);
        expect(reset_seconds).toBeGreaterThan(0);
        expect(reset_seconds).toBeLessThanOrEqual(60);
      }
    });

    it("allow exactly as many when all come at once", async () => {
      const key = randomUUID();
      const verdicts = await Promise.all(Array.from({ length: 50 }, () => limits.take(key, 20)));
      expect(verdicts.filter(({ is_allowed }) => is_allowed)).toHaveLength(20);
    });

    it("count each key for itself", async () => {
      const [alice, bob] = [randomUUID(), randomUUID()];
      await limits.take(alice, 1);
      expect((await limits.take(alice, 1)).is_allowed).toBe(false);
      expect((await limits.take(bob, 1)).is_allowed).toBe(true);
    });
  });
}
