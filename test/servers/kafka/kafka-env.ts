import { randomBytes } from "node:crypto";
import type { ServiceBroker } from "moleculer";
import { configOf } from "../../../lib/config";
import { contractsOf } from "../../../mixins/channels";
import { KafkaDeadLetters } from "../../../mixins/channels/kafka/kafka-dead-letters";
import { serverUrl } from "../../setup/servers";

/** The Kafka of this run, and topics of this test file's own on it. */
export function kafkaEnv(brokers = serverUrl("KAFKA_BROKERS")): Record<string, string> {
  return { KAFKA_BROKERS: brokers, KAFKA_PARTITIONS: "3", NAMESPACE: `test-${randomBytes(6).toString("hex")}` };
}

/** The dead letters of a broker's groups. */
export function deadLettersOf(broker: ServiceBroker): KafkaDeadLetters {
  return new KafkaDeadLetters(configOf(broker), contractsOf(broker), broker.getLogger("kafka"));
}
