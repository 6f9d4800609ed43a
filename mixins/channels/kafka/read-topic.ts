import { randomBytes } from "node:crypto";
import type { Kafka, KafkaMessage } from "kafkajs";
import { withAdmin } from "./with-admin";

const LONGEST_MS = 60_000;

/** Everything that a topic of one partition holds now. */
export async function readTopic(kafka: Kafka, topic: string): Promise<KafkaMessage[]> {
  const groupId = `${topic}.reader-${randomBytes(6).toString("hex")}`;
  const { low, high } = await withAdmin(kafka, async (admin) => {
    const [offsets] = await admin.fetchTopicOffsets(topic);
    return { low: Number(offsets?.low ?? 0), high: Number(offsets?.high ?? 0) };
  });
  if (low >= high) return [];
  const messages: KafkaMessage[] = [];
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, retry: { restartOnFailure: async () => false } });
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${topic} could not be read to its end in time.`)), LONGEST_MS);
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer
        .run({
          autoCommit: false,
          eachBatch: async ({ batch }) => {
            messages.push(...batch.messages.filter(({ offset }) => Number(offset) < high));
            if (Number(batch.lastOffset()) < high - 1) return;
            clearTimeout(timer);
            resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
    // What Kafka remembers of this reader.
    await withAdmin(kafka, (admin) => admin.deleteGroups([groupId])).catch(() => undefined);
  }
  return messages;
}
