import { LRUCache } from "lru-cache";
import { STAMP_LIFE_MS, type Stamps } from "./stamps";

export interface MemoryStampsOptions {
  /** Stamps kept; to lose one is as if its thing had changed. */
  max?: number;
  now?: () => number;
}

/** The side of `Stamps` for one process. */
export class MemoryStamps implements Stamps {
  private readonly stamps: LRUCache<string, string>;
  private issued = 0;

  constructor({ max = 500_000, now = () => performance.now() }: MemoryStampsOptions = {}) {
    this.stamps = new LRUCache({ max, ttl: STAMP_LIFE_MS, perf: { now } });
  }

  read(names: readonly string[]): Promise<string[]> {
    return Promise.resolve(this.readNow(names));
  }

  /** Within one turn of the event loop. */
  readNow(names: readonly string[]): string[] {
    return names.map((name) => {
      const known = this.stamps.get(name);
      if (known !== undefined) return known;
      this.issued += 1;
      const fresh = this.issued.toString(36);
      this.stamps.set(name, fresh);
      return fresh;
    });
  }

  touch(names: Iterable<string>): Promise<void> {
    for (const name of names) this.stamps.delete(name);
    return Promise.resolve();
  }
}
