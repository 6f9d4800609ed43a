import type { RedisLink } from "./redis-link";
import type { VersionedCache } from "./versioned-cache";

/** With that of a stamp under which it is shown this makes the 30 s within which a change holds that could not be told. */
const VALUE_LIFE_MS = 15_000;
/** For so long a filler that read before a change is refused: far longer than any read takes. */
const MARK_LIFE_MS = 120_000;

export interface RedisCacheOptions {
  /** First part of its keys. */
  name: string;
  ttlMs?: number;
}

/** The side of `VersionedCache` that all nodes share. While Redis is absent nothing is cached, and only `raise` fails. */
export class RedisVersionedCache<Value extends object | string | number> implements VersionedCache<Value> {
  private readonly name: string;
  private readonly ttlMs: number;

  constructor(
    private readonly link: RedisLink,
    { name, ttlMs = VALUE_LIFE_MS }: RedisCacheOptions,
  ) {
    this.name = name;
    this.ttlMs = ttlMs;
  }

  async getMany(ids: readonly (number | string)[]): Promise<(Value | undefined)[]> {
    const found = new Map<string, Value>();
    const keys = ids.map((id) => this.key(id));
    await this.link.ask(undefined, async () => {
      for (const part of await this.link.runOverAll("cacheRead", [...new Set(keys)], [])) {
        const values = part.answer as (string | null)[];
        part.keys.forEach((key, i) => {
          const text = values[i];
          if (typeof text === "string") found.set(key, JSON.parse(text) as Value);
        });
      }
    });
    return keys.map((key) => found.get(key));
  }

  async fill(id: number | string, version: number, value: Value): Promise<void> {
    const args = [version, this.ttlMs, JSON.stringify(value)];
    await this.link.ask(undefined, () => this.link.run("cacheFill", [this.key(id)], args));
  }

  async raise(id: number | string, version: number): Promise<void> {
    await this.link.run("cacheRaise", [this.key(id)], [version, Math.max(MARK_LIFE_MS, this.ttlMs)]);
  }

  private key(id: number | string): string {
    return this.link.key(`${this.name}:${id}`);
  }
}
