import { randomBytes } from "node:crypto";
import { type Admin, Kafka, type KafkaMessage, logLevel, type Message } from "kafkajs";

export type ReadMessage = KafkaMessage & { partition: number };

/** Somebody with a plain client of Kafka, who knows nothing of us but the names of topics. */
export class Stranger {
  private readonly kafka: Kafka;

  constructor(private readonly env: Record<string, string>) {
    this.kafka = new Kafka({ brokers: env["KAFKA_BROKERS"]!.split(","), logLevel: logLevel.NOTHING });
  }

  /** Everything that a topic holds now. */
  async read(topic: string): Promise<ReadMessage[]> {
    const name = this.nameOf(topic);
    const offsets = await this.asked((admin) => admin.fetchTopicOffsets(name));
    let missing = offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    const messages: ReadMessage[] = [];
    if (missing === 0) return messages;
    const groupId = `stranger-${randomBytes(6).toString("hex")}`;
    const consumer = this.kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic: name, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ partition, message }: { partition: number; message: KafkaMessage }) => {
        messages.push({ ...message, partition });
        if (--missing === 0) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    return messages;
  }

  /** With the client's own choice of partition. */
  async publish(topic: string, messages: Message[]): Promise<void> {
    const producer = this.kafka.producer();
    await producer.connect();
    await producer.send({ topic: this.nameOf(topic), messages });
    await producer.disconnect();
  }

  /** What a group has committed of a topic, by partition. */
  async committed(group: string, topic: string): Promise<number[]> {
    const groupId = this.nameOf(group);
    const [offsets] = await this.asked((admin) => admin.fetchOffsets({ groupId, topics: [this.nameOf(topic)] }));
    return offsets!.partitions.map(({ offset }) => Number(offset));
  }

  async asked<T>(ask: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  }

  nameOf(topic: string): string {
    return `${this.env["NAMESPACE"]}.${topic}`;
  }
}
