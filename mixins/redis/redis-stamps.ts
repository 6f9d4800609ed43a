import { randomBytes } from "node:crypto";
import type { RedisLink } from "./redis-link";
import { STAMP_LIFE_MS, type Stamps } from "./stamps";
import { lifeOf } from "./timelines";

/** The side of `Stamps` that all nodes share. */
export class RedisStamps implements Stamps {
  private readonly issuer = randomBytes(6).toString("base64url");
  private issued = 0;

  constructor(
    private readonly link: RedisLink,
    private readonly lifeMs = STAMP_LIFE_MS,
  ) {}

  async read(names: readonly string[]): Promise<string[] | undefined> {
    const keys = names.map((name) => this.link.key(name));
    return this.link.ask(undefined, async () => {
      const found = new Map<string, string>();
      for (const { keys: part, answer } of await this.link.runOverAll("stampsRead", [...new Set(keys)], this.fresh())) {
        const stamps = (answer as string).split(" ");
        part.forEach((key, i) => found.set(key, stamps[i]!));
      }
      return keys.map((key) => found.get(key)!);
    });
  }

  async touch(names: Iterable<string>): Promise<void> {
    const keys = Array.from(new Set(names), (name) => this.link.key(name));
    if (keys.length > 0) await this.link.runOverAll("stampsDrop", keys, []);
  }

  /** A stamp that never was given out, for what has none, and its life. */
  fresh(): [string, number] {
    this.issued += 1;
    return [`${this.issuer}${this.issued.toString(36)}`, lifeOf(this.lifeMs)];
  }
}
