import { LRUCache } from "lru-cache";
import type { VersionedCache } from "./versioned-cache";

export interface MemoryCacheOptions {
  /** Values kept; the least recently used go first. */
  max?: number;
  /** Life of a value, and for how long a filler that read before a change is still refused. */
  ttlMs?: number;
  now?: () => number;
}

interface Stored<Value> {
  version: number;
  value: Value;
}

interface Raised {
  version: number;
  at: number;
}

/** The side of `VersionedCache` for one process. */
export class MemoryVersionedCache<Value extends object | string | number> implements VersionedCache<Value> {
  private readonly values: LRUCache<number | string, Stored<Value>>;
  /** Oldest first. Never dropped before their time, or a filler that read before the change would win. */
  private readonly raised = new Map<number | string, Raised>();
  private readonly ttlMs: number;
  private readonly now: () => number;

  constructor({ max = 100_000, ttlMs = 15_000, now = () => performance.now() }: MemoryCacheOptions = {}) {
    this.ttlMs = ttlMs;
    this.now = now;
    this.values = new LRUCache({ max, ttl: ttlMs, ttlResolution: 0, perf: { now } });
  }

  getMany(ids: readonly (number | string)[]): Promise<(Value | undefined)[]> {
    return Promise.resolve(ids.map((id) => this.values.get(id)?.value));
  }

  fill(id: number | string, version: number, value: Value): Promise<void> {
    const known = Math.max(this.raised.get(id)?.version ?? 0, this.values.get(id)?.version ?? 0);
    if (version >= known) this.values.set(id, { version, value });
    return Promise.resolve();
  }

  raise(id: number | string, version: number): Promise<void> {
    const before = this.raised.get(id)?.version ?? 0;
    this.raised.delete(id);
    this.raised.set(id, { version: Math.max(version, before), at: this.now() });
    const stored = this.values.get(id);
    if (stored !== undefined && stored.version < version) this.values.delete(id);
    this.forgetOld();
    return Promise.resolve();
  }

  private forgetOld(): void {
    const oldest = this.now() - this.ttlMs;
    for (const [id, { at }] of this.raised) {
      if (at > oldest) return;
      this.raised.delete(id);
    }
  }
}
