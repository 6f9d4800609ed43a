import { randomBytes } from "node:crypto";
import { Kafka, type KafkaMessage, logLevel } from "kafkajs";

/** A topic as a stranger with a plain client of Kafka reads it: everything that it holds now, each message with its partition. */
export async function readTopic(
  env: Record<string, string>,
  topic: string,
): Promise<(KafkaMessage & { partition: number })[]> {
  const name = `${env["NAMESPACE"]}.${topic}`;
  const kafka = new Kafka({ brokers: env["KAFKA_BROKERS"]!.split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(name);
  await admin.disconnect();
  let missing = offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  const messages: (KafkaMessage & { partition: number })[] = [];
  if (missing === 0) return messages;
  const consumer = kafka.consumer({ groupId: `stranger-${randomBytes(6).toString("hex")}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: name, fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ partition, message }) => {
          messages.push({ ...message, partition });
          if (--missing === 0) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return messages;
}
