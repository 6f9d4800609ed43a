import { ServiceBroker } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "../../../lib/config";
import { attachContracts } from "../../../mixins/channels";
import { brokerOptions } from "../../../node/broker-options";

const WORK_MS = 40;

/** A node in a process of its own, which a test may kill. Says "ready" when it serves. */
async function main(nodeID: string): Promise<void> {
  const broker = new ServiceBroker({ ...brokerOptions(loadConfig(process.env, { services: [] })), nodeID });
  attachContracts(broker, []);
  const work = async (): Promise<string> => {
    await sleep(WORK_MS);
    return nodeID;
  };
  broker.createService({
    name: "work",
    actions: { read: { retryPolicy: { enabled: true }, handler: work }, write: { handler: work } },
  });
  await broker.start();
  process.stdout.write("ready\n");
}

void main(process.argv[2]!);
