import type { Locks } from "./locks";

/** The side of `Locks` for one process. */
export class MemoryLocks implements Locks {
  private readonly held = new Map<string, { until: number }>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  async tryWith<T>(name: string, ttlMs: number, work: () => Promise<T>): Promise<T | undefined> {
    const holder = this.held.get(name);
    if (holder !== undefined && holder.until > this.now()) return undefined;
    const mine = { until: this.now() + ttlMs };
    this.held.set(name, mine);
    try {
      return await work();
    } finally {
      // Where it expired and another took it, it is the other's.
      if (this.held.get(name) === mine) this.held.delete(name);
    }
  }
}
