import { Kafka, logLevel } from "kafkajs";
import type { ServiceContract } from "../../lib/contract";
import { contracts } from "../../services/contracts";
import type { Stage } from "./stage";

/** Makes every group begin anew with all that its topics hold. Groups must be empty for it: the nodes stop, and start again. */
export async function replayTopics({ env, fleet }: Stage): Promise<void> {
  await Promise.all(fleet.nodes.map((node) => node.stop()));
  const brokers = env["KAFKA_BROKERS"]!.split(",");
  const admin = new Kafka({ clientId: "emulsion-replay", brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    for (const { consumes } of contracts as readonly ServiceContract[])
      for (const [topic, groupId] of Object.entries(consumes))
        await admin.resetOffsets({ groupId, topic, earliest: true });
  } finally {
    await admin.disconnect();
  }
  await Promise.all(fleet.nodes.map((node) => node.start()));
}
