import { configFromEnvironment } from "./lib/config";
import { brokerOptions } from "./node/broker-options";
import { armFromConfig } from "./node/arm-failpoint";
import { banner } from "./node/banner";
import { dataFolder } from "./node/data-folder";
import { exitOnFault } from "./node/exit-on-fault";
import { opsServer } from "./node/ops-server";
import { replCommands } from "./node/repl-commands";

/** How this node is wired. What is embedded starts and stops with the broker, in the order of these middlewares. */
const config = exitOnFault(configFromEnvironment);
armFromConfig(config);

export default {
  ...brokerOptions(config, {
    isHot: process.argv.includes("--hot"),
    outer: [dataFolder(config)],
    middlewares: [opsServer(), banner()],
  }),
  replOptions: { customCommands: replCommands },
};
