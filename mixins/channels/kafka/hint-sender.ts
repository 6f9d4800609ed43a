import type { OutboxEntry } from "../outbox";
import { messageOf } from "./messages";
import type { KafkaNames } from "./names";
import type { PartitionLanes } from "./partition-lanes";
import type { Partitioning } from "./partitioning";

/** While so many wait for Kafka it is down or behind: what comes now is dropped, for a hint is not worth the memory. */
const MOST_WAITING = 256;

/** Sends hints to their topics, each once. Nobody waits for them, and one that fails is gone. */
export class HintSender {
  private waiting = 0;

  constructor(
    private readonly lanes: PartitionLanes,
    private readonly names: KafkaNames,
    private readonly partitioning: () => Promise<Partitioning>,
  ) {}

  send(entry: OutboxEntry): void {
    if (this.waiting >= MOST_WAITING) return;
    this.waiting += 1;
    this.deliver(entry)
      .catch(() => undefined)
      .finally(() => (this.waiting -= 1));
  }

  private async deliver(entry: OutboxEntry): Promise<void> {
    const topic = this.names.topic(entry.event.type);
    const partitioning = await this.partitioning();
    await this.lanes.send(topic, partitioning.partitionOf(topic, entry.key), [messageOf(entry)]);
  }
}
