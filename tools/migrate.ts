import { ServiceBroker } from "moleculer";
import { parseArgs } from "node:util";
import type { Config } from "../lib/config";
import { openPostgresHome } from "../mixins/channels/postgres-home";
import { databaseOf, migrate } from "../mixins/postgres";
import { migrationFiles } from "../mixins/postgres/migration-files";
import { brokerOptions } from "../node/broker-options";
import { dataFolder } from "../node/data-folder";
import { contracts } from "../services/contracts";
import { runTool, toolConfig } from "./run-tool";

const usage = `Usage: npm run migrate

Brings the tables of every service up to date, in DATABASE_URL or in the PostgreSQL under DATA_DIR, which it starts.
A server does the same when it starts.`;

/** Brings every service's tables up to date; answers the services that have some. */
export async function migrateAll(config: Config): Promise<string[]> {
  const isOutside = config.databaseUrl !== undefined || config.databaseShards.length > 0;
  // Many may migrate an outside database at once, also beside running nodes; the folder is its holder's alone.
  const options = brokerOptions(config, isOutside ? {} : { outer: [dataFolder(config)] });
  const broker = new ServiceBroker({ ...options, skipProcessEventRegistration: true });
  try {
    await broker.start();
    return await migrateWith(broker);
  } finally {
    await broker.stop();
  }
}

async function migrateWith(broker: ServiceBroker): Promise<string[]> {
  const database = await databaseOf(broker);
  const done: string[] = [];
  for (const { name } of contracts) {
    if ((await migrationFiles(name)).length === 0) continue;
    await migrate(database, [name]);
    // Who keeps its facts in tables keeps its events beside them.
    await openPostgresHome(database, name);
    done.push(name);
  }
  return done;
}

async function main(args: string[]): Promise<void> {
  parseArgs({ args, options: {} });
  const services = await migrateAll(toolConfig());
  process.stdout.write(`The tables of ${services.join(", ")} are up to date.\n`);
}

if (require.main === module) runTool(usage, main);
