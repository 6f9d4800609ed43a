import { randomBytes } from "node:crypto";
import type { Locks } from "./locks";
import { MemoryLocks } from "./memory-locks";
import type { RedisLink } from "./redis-link";

/** The side of `Locks` that all nodes share. While Redis is absent each node has its own. */
export class RedisLocks implements Locks {
  private readonly own = new MemoryLocks();

  constructor(private readonly link: RedisLink) {}

  async tryWith<T>(name: string, ttlMs: number, work: () => Promise<T>): Promise<T | undefined> {
    const key = this.link.key(`lock:${name}`);
    const token = randomBytes(8).toString("hex");
    const answer = await this.link.ask("absent" as const, () =>
      this.link.tell((client) => client.set(key, token, "PX", ttlMs, "NX")),
    );
    if (answer === "absent") return this.own.tryWith(name, ttlMs, work);
    if (answer !== "OK") return undefined;
    try {
      return await work();
    } finally {
      // Where it expired and another took it, it is the other's. One that cannot be given back expires.
      await this.link.ask(0, () => this.link.run("lockRelease", [key], [token]));
    }
  }
}
