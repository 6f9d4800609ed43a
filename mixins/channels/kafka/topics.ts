import type { Admin, ITopicConfig } from "kafkajs";
import type { Config } from "../../../lib/config";
import type { ServiceContract } from "../../../lib/contract";
import type { KafkaNames } from "./names";

const DAY_MS = 86_400_000;
const EVENTS_DAYS = 7;
/** People look at dead letters later than programs at events. */
const LETTERS_DAYS = 30;

/** Every topic of these contracts and what their groups need beside them. */
export function topicsOf(contracts: readonly ServiceContract[], names: KafkaNames, config: Config): ITopicConfig[] {
  const events = contracts.flatMap((contract) => [...Object.keys(contract.events), ...Object.keys(contract.consumes)]);
  const groups = new Set(contracts.flatMap(({ consumes }) => Object.values(consumes)));
  const topic = (name: string, numPartitions: number, days: number): ITopicConfig => ({
    topic: name,
    numPartitions,
    replicationFactor: config.kafkaReplication,
    configEntries: [
      { name: "retention.ms", value: String(days * DAY_MS) },
      ...(config.kafkaReplication >= 3
        ? [{ name: "min.insync.replicas", value: String(config.kafkaReplication - 1) }]
        : []),
    ],
  });
  return [
    ...[...new Set(events)].map((name) => topic(names.topic(name), config.kafkaPartitions, EVENTS_DAYS)),
    // One partition, so that they are listed in the order in which they were given up.
    ...[...groups].map((group) => topic(names.deadLetters(group), 1, LETTERS_DAYS)),
    ...[...groups].map((group) => topic(names.replays(group), 1, EVENTS_DAYS)),
  ];
}

/** Makes those that are missing; others may do so at the same moment. One that exists is left as it is. */
export async function ensureTopics(admin: Admin, topics: readonly ITopicConfig[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ topic }) => !existing.has(topic));
  if (missing.length === 0) return;
  try {
    await admin.createTopics({ topics: missing, waitForLeaders: false });
  } catch (error) {
    const { errors = [error] } = error as { errors?: unknown[] };
    const others = errors.filter((one) => (one as { type?: unknown }).type !== "TOPIC_ALREADY_EXISTS");
    if (others.length > 0) throw others[0];
  }
}
