import { ServiceBroker } from "moleculer";
import { type Config, configFromEnvironment } from "../lib/config";
import { brokerOptions } from "../node/broker-options";
import { replCommands } from "../node/repl-commands";
import { runTool, ToolError } from "./run-tool";

const usage = `Usage: NATS_URL=nats://… npm run repl

A prompt on the fleet that runs on this NATS (and this ZOOKEEPER_URL, where nodes find each other there): call, nodes, services,
and as, feed and outbox. The node behind it serves nothing, and needs no store.`;

/** The node behind the prompt, joined. */
async function joinFleet(config: Config): Promise<ServiceBroker> {
  const broker = new ServiceBroker({
    ...brokerOptions({ ...config, logLevel: "warn", logFormat: "short" }),
    replOptions: { customCommands: replCommands },
  });
  await broker.start();
  return broker;
}

async function main(): Promise<void> {
  const config = configFromEnvironment({ services: [] });
  if (config.natsUrl === undefined) throw new ToolError(usage);
  const broker = await joinFleet(config);
  broker.repl();
  // The prompt is left by its own command, which ends the process.
  await new Promise(() => undefined);
}

if (require.main === module) runTool(usage, main);
