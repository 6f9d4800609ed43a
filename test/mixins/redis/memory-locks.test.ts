import { MemoryLocks } from "../../../mixins/redis/memory-locks";
import { locksConformance } from "./locks.conformance";

locksConformance("memory", () => {
  let now = 0;
  return { locks: new MemoryLocks(() => now), ttlMs: 5_000, pass: (ms) => void (now += ms) };
});
