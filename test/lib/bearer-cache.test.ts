import { type Bearer as AnyBearer, BearerCache } from "../../lib/bearer-cache";
import type { Role } from "../../lib/contract";

interface Bearer extends AnyBearer {
  role: Role;
}

describe("the cache of who stands behind a token", () => {
  const bearer = (role: Bearer["role"] = "user"): Bearer => ({
    user_id: 7,
    role,
    expiresAtMs: Date.now() + 60_000,
  });

  it("reads once, until the account changes", async () => {
    const cache = new BearerCache<Bearer>();
    let reads = 0;
    const read = async () => {
      reads += 1;
      return bearer();
    };
    for (let i = 0; i < 3; i++) await cache.bearerOf("token", read);
    cache.drop(8);
    await cache.bearerOf("token", read);
    expect(reads).toBe(1);

    cache.drop(7);
    await cache.bearerOf("token", read);
    expect(reads).toBe(2);
  });

  it("does not keep what was being read while the account changed", async () => {
    const cache = new BearerCache<Bearer>();
    let finish: (found: Bearer) => void = () => undefined;
    const slow = cache.bearerOf("token", () => new Promise((resolve) => (finish = resolve)));
    cache.drop(7);
    finish(bearer("admin"));

    expect((await slow).role).toBe("admin");
    expect((await cache.bearerOf("token", async () => bearer("user"))).role).toBe("user");
  });
});
