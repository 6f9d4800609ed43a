import { MemoryLocks } from "../../../mixins/redis/memory-locks";
import { locksConformance } from "./locks.conformance";

locksConformance("memory", () => {
  let now = 0;
  return { locks: new MemoryLocks(() => now), pass: (ms) => void (now += ms) };
});
