import { LRUCache } from "lru-cache";
import type { Stamps } from "./stamps";

/** No writer of this process fails to tell: this is only that signed URLs are made anew now and then. */
const LIFE_MS = 30_000;

export interface MemoryStampsOptions {
  lifeMs?: number;
  /** Stamps kept; to lose one is as if its thing had changed. */
  max?: number;
  now?: () => number;
}

/** The side of `Stamps` for one process. */
export class MemoryStamps implements Stamps {
  private readonly stamps: LRUCache<string, string>;
  private issued = 0;

  constructor({ lifeMs = LIFE_MS, max = 500_000, now = () => performance.now() }: MemoryStampsOptions = {}) {
    this.stamps = new LRUCache({ max, ttl: lifeMs, perf: { now } });
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
