import { setTimeout as sleep } from "node:timers/promises";
import { Deadlines } from "../../../mixins/redis/deadlines";

describe("deadlines", () => {
  const LONG_MS = 100;

  it("end each wait that was not taken back, in order, none before its time, and none twice", async () => {
    const deadlines = new Deadlines(LONG_MS);
    const ended: { name: string; afterMs: number }[] = [];
    const begin = (name: string) => {
      const began = performance.now();
      const late = () => void ended.push({ name, afterMs: performance.now() - began });
      deadlines.begin(late);
      return late;
    };
    begin("first");
    const answered = begin("answered");
    await sleep(LONG_MS / 2);
    begin("second");
    expect(deadlines.takeBack(answered)).toBe(true);
    const ownLate = begin("third");
    await sleep(3 * LONG_MS);
    // Once all are over the next one begins anew.
    begin("fourth");
    await sleep(3 * LONG_MS);
    expect(ended.map(({ name }) => name)).toEqual(["first", "second", "third", "fourth"]);
    for (const { afterMs } of ended) expect(afterMs).toBeGreaterThanOrEqual(LONG_MS - 1);
    expect(deadlines.takeBack(ownLate)).toBe(false);
  });
});
