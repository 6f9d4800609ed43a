import { ServiceBroker } from "moleculer";
import { nodeOptions, type NodeSettings } from "./node-options";

/** A node in a process of its own, for tests that end it in every way. Its settings are its one argument. */
async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2]!) as NodeSettings;
  const broker = new ServiceBroker(nodeOptions(settings));
  broker.createService({ name: `at-${settings.nodeID}`, actions: { ping: () => settings.nodeID } });
  await broker.start();
}

void main();
