import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "./stage";

const READS_PER_SECOND = 40;
const POSTS_AT_ONCE = 6;

/** People who read their feeds at a fixed rate, and the author, who publishes faster than their posts are fanned out. */
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
    const left = [...this.stage.mediaIds];
    const publishOnes = async (): Promise<void> => {
      for (let id = left.pop(); id !== undefined && !this.isStopping; id = left.pop()) await this.publishOne(id);
    };
    await Promise.all(Array.from({ length: POSTS_AT_ONCE }, publishOnes));
    this.hasPublishedAll = true;
  }

  private async publishOne(mediaId: string): Promise<void> {
    const headers = { "idempotency-key": randomUUID() };
    try {
      await this.stage.author.post("posts", { caption: "To many", media_ids: [mediaId] }, headers);
      this.published += 1;
    } catch {
      this.failures += 1;
    }
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
