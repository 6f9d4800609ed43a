import { Kafka, logLevel } from "kafkajs";
import type { ServiceContract } from "../../lib/contract";
import { contracts } from "../../services/contracts";
import type { Stage } from "./stage";

const consumers = (contracts as readonly ServiceContract[]).filter(({ consumes }) => Object.keys(consumes).length > 0);

/**
 * Makes every group begin anew with all that its topics hold: what a group has handled is forgotten with it. Groups must be empty
 * for it: the nodes that consume stop, and start again. (Setting offsets instead has a client join each group for each topic: two minutes.)
 */
export async function replayTopics({ env, fleet }: Stage): Promise<void> {
  const nodes = [...new Set(consumers.flatMap(({ name }) => fleet.of(name)))];
  await Promise.all(nodes.map((node) => node.stop()));
  const brokers = env["KAFKA_BROKERS"]!.split(",");
  const admin = new Kafka({ clientId: "emulsion-replay", brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const groups = consumers.flatMap(({ consumes }) => Object.values(consumes));
    await admin.deleteGroups([...new Set(groups)]);
  } finally {
    await admin.disconnect();
  }
  await Promise.all(nodes.map((node) => node.start()));
}
