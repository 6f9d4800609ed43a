import type { ServiceBroker } from "moleculer";
import type { DocumentTransaction } from "../../mixins/documents";

const TELL_EVERY_MS = 500;
const MOST_AT_ONCE = 1_000;

/**
 * Tells every node which posts changed (`posts.changed`, a hint): together, so that one that thousands like is named twice a second
 * and not thousands of times.
 */
export class ChangedPosts {
  private readonly post_ids = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly broker: ServiceBroker) {}

  /** When this transaction is committed, the post has changed, or is gone. */
  noteAfter(tx: DocumentTransaction, post_id: string): void {
    tx.afterCommit(() => {
      this.post_ids.add(post_id);
      this.timer ??= setTimeout(() => this.tell(), TELL_EVERY_MS).unref();
    });
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private tell(): void {
    this.timer = undefined;
    const post_ids = [...this.post_ids];
    this.post_ids.clear();
    for (let i = 0; i < post_ids.length; i += MOST_AT_ONCE) {
      const some = post_ids.slice(i, i + MOST_AT_ONCE);
      this.broker.broadcast("posts.changed", { post_ids: some }).catch(() => undefined);
    }
  }
}
