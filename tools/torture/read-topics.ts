import { randomBytes } from "node:crypto";
import { type Admin, Kafka, logLevel } from "kafkajs";
import type { ServiceContract } from "../../lib/contract";
import { contracts } from "../../services/contracts";
import type { State, TopicEvent } from "./state";

const LONGEST_MS = 60_000;
const all = contracts as readonly ServiceContract[];
/** Of which each message is an event of its own: nothing comes before it. */
const UNORDERED = ["feed.fanout", "feed.updated"];

/** Every event that lies in Kafka, in its order, and how many were given up. */
export async function readTopics(env: Record<string, string>): Promise<Pick<State, "topics" | "dead_letters">> {
  const kafka = new Kafka({
    clientId: "emulsion-torture",
    brokers: env["KAFKA_BROKERS"]!.split(","),
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const published = [...new Set(all.flatMap(({ events }) => Object.keys(events)))];
    const topics = published.filter((topic) => !UNORDERED.includes(topic));
    const groups = [...new Set(all.flatMap(({ consumes }) => Object.values(consumes)))];
    const letters = await Promise.all(groups.map((group) => endsOf(admin, `${group}.dlq`)));
    const dead_letters = letters.flat().reduce((sum, { end }) => sum + end, 0);
    return { topics: await readAll(kafka, admin, topics), dead_letters };
  } finally {
    await admin.disconnect();
  }
}

async function endsOf(admin: Admin, topic: string): Promise<{ place: string; end: number }[]> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.map(({ partition, high }) => ({ place: `${topic}/${partition}`, end: Number(high) }));
}

async function readAll(kafka: Kafka, admin: Admin, topics: string[]): Promise<TopicEvent[]> {
  const ends = (await Promise.all(topics.map((topic) => endsOf(admin, topic)))).flat();
  const unread = new Map(ends.filter(({ end }) => end > 0).map(({ place, end }) => [place, end]));
  if (unread.size === 0) return [];
  const read: TopicEvent[] = [];
  const groupId = `torture-${randomBytes(6).toString("hex")}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("Kafka could not be read to its end in time.")), LONGEST_MS);
      const eachBatch: NonNullable<Parameters<typeof consumer.run>[0]>["eachBatch"] = async ({ batch }) => {
        const { topic, partition } = batch;
        for (const { value } of batch.messages) read.push({ topic, partition, ...eventOf(value) });
        const place = `${topic}/${partition}`;
        if (Number(batch.lastOffset()) >= (unread.get(place) ?? Infinity) - 1) unread.delete(place);
        if (unread.size > 0) return;
        clearTimeout(timer);
        resolve();
      };
      consumer.run({ autoCommit: false, eachBatch }).catch(reject);
    });
    return read;
  } finally {
    await consumer.disconnect();
  }
}

function eventOf(value: Buffer | null): Pick<TopicEvent, "aggregate_id" | "event_id" | "occurred_at"> {
  const { aggregate_id, event_id, occurred_at } = JSON.parse(String(value)) as TopicEvent;
  return { aggregate_id, event_id, occurred_at };
}
