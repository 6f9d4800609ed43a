import type { ServiceBroker } from "moleculer";
import { callerOf } from "../../define-service";
import type { LiveConnection } from "./live-connection";
import { Turnstile } from "./turnstile";

/** Few: counters may be a moment old, and must not be in the way of entries. */
const READS_AT_ONCE = 8;

/** Tells counters of posts that changed, read as the viewer may see them now; of those that they may not see, that they are gone. */
export class CountTeller {
  private readonly turns = new Turnstile(READS_AT_ONCE);

  constructor(private readonly broker: ServiceBroker) {}

  /** What is lost here is told with the next change. A reader who is behind is told when they have caught up. */
  async tell(connection: LiveConnection): Promise<void> {
    const { channel, changed, viewer } = connection;
    if (changed.size === 0 || connection.isTellingCounts || channel.queuedBytes > 0) return;
    connection.isTellingCounts = true;
    try {
      const { post_ids, stats } = await this.turns.pass(async () => {
        const post_ids = [...changed];
        changed.clear();
        return { post_ids, ...(await callerOf(this.broker)("posts.statsMany", { post_ids }, { meta: { viewer } })) };
      });
      if (!channel.isOpen) return;
      if (stats.length > 0) channel.send({ event: "counts", data: { counts: stats } });
      const known = new Set(stats.map(({ post_id }) => post_id));
      const removed = post_ids.filter((id) => !known.has(id));
      if (removed.length === 0) return;
      connection.unwatch(removed);
      channel.send({ event: "removed", data: { post_ids: removed } });
    } catch (error) {
      this.broker.logger.debug("Counters could not be told.", error);
    } finally {
      connection.isTellingCounts = false;
    }
  }
}
