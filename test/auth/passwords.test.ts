import { readFile } from "node:fs/promises";
import { hashPassword, verifyPassword } from "../../services/auth/passwords";

describe("passwords", () => {
  it("are hashed without starving what else needs libuv's threads", async () => {
    const start = performance.now();
    const hashing = Promise.all(Array.from({ length: 12 }, () => hashPassword("correct horse", 10)));
    let slowestRead = 0;
    for (let i = 0; i < 10; i++) {
      const before = performance.now();
      await readFile(__filename);
      slowestRead = Math.max(slowestRead, performance.now() - before);
    }
    const hashes = await hashing;
    const total = performance.now() - start;

    expect(new Set(hashes).size).toBe(12);
    expect(slowestRead).toBeLessThan(total / 4);
    await expect(verifyPassword("correct horse", hashes[11], 10)).resolves.toBe(true);
    await expect(verifyPassword("correct horse", undefined, 10)).resolves.toBe(false);
  });
});
