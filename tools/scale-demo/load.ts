import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "./stage";

const READS_PER_SECOND = 40;
const PAUSE_BETWEEN_POSTS_MS = 100;

/** People who read their feeds at a fixed rate, and the author, who publishes one post after the other. */
export class Load {
  published = 0;
  hasPublishedAll = false;
  private reads = 0;
  private failures = 0;
  private isStopping = false;
  private readonly work: Promise<unknown>[] = [];

  constructor(private readonly stage: Pick<Stage, "author" | "mediaIds" | "readers">) {}

  start(): void {
    this.work.push(this.publish(), this.read());
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.work);
  }

  summary(): string {
    return `${this.published} posts and ${this.reads} feed reads were answered, ${this.failures} were not.`;
  }

  private async publish(): Promise<void> {
    for (const id of this.stage.mediaIds) {
      if (this.isStopping) return;
      const headers = { "idempotency-key": randomUUID() };
      try {
        await this.stage.author.post("posts", { caption: "To many", media_ids: [id] }, headers);
        this.published += 1;
      } catch {
        this.failures += 1;
      }
      await sleep(PAUSE_BETWEEN_POSTS_MS);
    }
    this.hasPublishedAll = true;
  }

  private async read(): Promise<void> {
    const underway = new Set<Promise<void>>();
    for (let n = 0; !this.isStopping; n += 1) {
      const reader = this.stage.readers[n % this.stage.readers.length]!;
      const reading: Promise<void> = reader
        .get("feed?limit=20")
        .then(
          () => void (this.reads += 1),
          () => void (this.failures += 1),
        )
        .finally(() => underway.delete(reading));
      underway.add(reading);
      await sleep(1000 / READS_PER_SECOND);
    }
    await Promise.all(underway);
  }
}
