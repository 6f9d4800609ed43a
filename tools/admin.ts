import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Config } from "../lib/config";
import type { Role } from "../lib/contract";
import { holderOf } from "../lib/data-folder";
import { UserNotFoundError } from "../lib/errors";
import { runningEmbedded } from "../mixins/postgres/embedded";
import { roles, type Account } from "../services/auth/auth.contract";
import { runTool, ToolError, toolConfig } from "./run-tool";
import { startServices } from "./start-services";

const usage = `Usage: npm run admin -- grant-role NAME ROLE

  NAME   a username
  ROLE   ${roles.join(", ")}

Works beside a running server and without one, on the data of DATA_DIR or DATABASE_URL.`;

const START_TIMEOUT_MS = 30_000;

/** Sets the role of the account of this name. @throws {ToolError} when there is none. */
export async function grantRole(config: Config, username: string, role: Role): Promise<Account> {
  const { config: reachable, holdsFolder } = await besideServer(config);
  // Our relay finds nobody to tell, which is no fault of an event: it waits for the server's relay, and that is worth no warning.
  const services = await startServices({ ...reachable, logLevel: "error" }, ["auth"], { holdsFolder });
  try {
    return await services.call("auth.grantRole", { username, role });
  } catch (error) {
    if ((error as { type?: unknown }).type !== UserNotFoundError.type) throw error;
    throw new ToolError(`Nobody is called ${username}.`);
  } finally {
    await services.stop();
  }
}

/** A server that runs keeps its folder; its PostgreSQL is used as if it were an outside one, and never stopped. */
async function besideServer(config: Config): Promise<{ config: Config; holdsFolder: boolean }> {
  if (config.databaseUrl !== undefined || config.databaseShards.length > 0) return { config, holdsFolder: false };
  const folder = join(config.dataDir, "postgres");
  for (const deadline = Date.now() + START_TIMEOUT_MS; ; await sleep(100)) {
    const holder = await holderOf(config.dataDir);
    if (holder === undefined) break;
    const databaseUrl = await runningEmbedded(folder);
    if (databaseUrl !== undefined) return { config: { ...config, databaseUrl }, holdsFolder: false };
    if (Date.now() > deadline)
      throw new ToolError(`Process ${holder} holds ${config.dataDir}, and its PostgreSQL takes no connections.`);
  }
  if (!existsSync(folder)) throw new ToolError(`There are no accounts in ${config.dataDir} yet. Start with: npm start`);
  return { config, holdsFolder: true };
}

async function main(args: string[]): Promise<void> {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  const [command, username, role] = positionals;
  if (command !== "grant-role" || username === undefined || !isRole(role) || positionals.length > 3)
    throw new ToolError(usage);
  const account = await grantRole(toolConfig(), username, role);
  process.stdout.write(`${account.username} is ${account.role} now. A running server follows within ten seconds.\n`);
}

function isRole(value: string | undefined): value is Role {
  return (roles as readonly (string | undefined)[]).includes(value);
}

if (require.main === module) runTool(usage, main);
