import { type Admin, type ITopicMetadata, Partitioners } from "kafkajs";

/** How long a new topic may take until each partition has a leader. */
const LEADERS_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** Which partition a key belongs to: by murmur2, as every other client of Kafka has it. */
export class Partitioning {
  private readonly partitioner = Partitioners.DefaultPartitioner();
  private readonly byTopic: ReadonlyMap<string, ITopicMetadata["partitions"]>;

  private constructor(topics: readonly ITopicMetadata[]) {
    this.byTopic = new Map(topics.map(({ name, partitions }) => [name, partitions]));
  }

  /** Of these topics as they are on the brokers. Resolves when each partition has a leader. */
  static async read(admin: Admin, names: string[]): Promise<Partitioning> {
    for (const deadline = Date.now() + LEADERS_MS; ; await new Promise((r) => setTimeout(r, LOOK_EVERY_MS))) {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: names });
        const isLed = topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0));
        if (isLed) return new Partitioning(topics);
        if (Date.now() > deadline) throw new Error("Some partitions have no leader.");
      } catch (error) {
        if (Date.now() > deadline) throw error;
      }
    }
  }

  partitionOf(topic: string, key: string): number {
    const partitionMetadata = this.byTopic.get(topic);
    if (partitionMetadata === undefined) throw new Error(`There is no topic ${topic}.`);
    return this.partitioner({ topic, partitionMetadata, message: { key, value: null } });
  }
}
