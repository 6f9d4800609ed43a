import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { holdDataFolder } from "../lib/data-folder";
import { projectRoot } from "../lib/project-root";
import { signingKeys } from "../lib/signing-keys";
import { runTool, ToolError } from "./run-tool";
import { hasComposeEngine } from "./servers/compose-engine";
import { ComposeServers, isComposed } from "./servers/compose-servers";
import { bringDown, bringUp, type Outcome, type ServerState, settingsOf, stateOf } from "./servers/own-servers";
import { type ServerName, serverNames } from "./servers/server-kind";

/** What a fleet runs on. The clusters come when they are named. */
const all = serverNames.filter((name) => !name.endsWith("-cluster"));

const usage = `Usage: npm run servers -- up|down|status|env [NAME…] [--home DIR] [--native]

  up       starts them on loopback, first fetching or building what is missing
  down     ends those that it started
  status   which run, where, in which version
  env      a line NAME=value for each setting of what is up, and signing keys:
             export $(npm run --silent servers -- env)

  NAME     ${serverNames.join(", ")}
           none: all of them, of which \`up\` leaves out the clusters
  DIR      their data, logs and process ids instead of .servers
  --native not in containers, also where Docker Compose has an engine

Their programs lie in ~/.cache/emulsion/servers.`;

/** What a command is about. */
interface Scope {
  home: string;
  names: readonly ServerName[];
  /** Where Docker Compose has an engine. */
  compose: ComposeServers | undefined;
}

const commands: Record<string, (scope: Scope) => Promise<void>> = { up, down, status, env };

async function main(args: string[]): Promise<void> {
  const options = { home: { type: "string" }, native: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const [verb = "", ...names] = positionals;
  const command = Object.hasOwn(commands, verb) ? commands[verb] : undefined;
  if (command === undefined) throw new ToolError(usage);
  const unknown = names.filter((name) => !isServerName(name));
  if (unknown.length > 0)
    throw new ToolError(`There is no ${unknown.join(", ")}. There are ${serverNames.join(", ")}.`);
  const home = resolve(values.home ?? join(projectRoot, ".servers"));
  const chosen = serverNames.filter((name) => names.includes(name));
  const unnamed = verb === "up" ? all : serverNames;
  const isComposing = values.native !== true && (await hasComposeEngine());
  await command({
    home,
    names: chosen.length > 0 ? chosen : unnamed,
    compose: isComposing ? await ComposeServers.open(home) : undefined,
  });
}

function isServerName(name: string): name is ServerName {
  return (serverNames as readonly string[]).includes(name);
}

async function up({ home, names, compose }: Scope): Promise<void> {
  await alone(home, async () => {
    await compose?.bringUp(names.filter(isComposed));
    const natives = names.filter((name) => compose === undefined || !isComposed(name));
    const outcomes = await bringUp(home, natives, (outcome) => say(lineOf(outcome)));
    const failed = outcomes.filter(({ failure }) => failure !== undefined);
    if (failed.length > 0) throw new ToolError(`Not up: ${failed.map(({ name }) => name).join(", ")}.`);
    say("All up. Settings for a node: export $(npm run --silent servers -- env)");
  });
}

function lineOf({ name, seconds, failure, wasUp }: Outcome): string {
  if (failure !== undefined) return `${name.padEnd(14)} FAILED  ${failure}`;
  return `${name.padEnd(14)} ${wasUp ? "was up already" : `up after ${seconds.toFixed(1)} s`}`;
}

async function down({ home, names, compose }: Scope): Promise<void> {
  await alone(home, async () => {
    const ended = [...((await compose?.bringDown(names.filter(isComposed))) ?? []), ...(await bringDown(home, names))];
    say(ended.length > 0 ? `Ended ${ended.join(", ")}.` : "None of them was up.");
  });
}

async function status({ home, names, compose }: Scope): Promise<void> {
  const composed: readonly ServerName[] = (await compose?.up(names.filter(isComposed))) ?? [];
  for (const name of names)
    say(composed.includes(name) ? `${name.padEnd(14)} up    in a container` : rowOf(await stateOf(home, name)));
}

function rowOf({ name, isUp, version, pids, addresses }: ServerState): string {
  if (!isUp) return `${name.padEnd(14)} ${pids.length > 0 ? `part of it is down (up: ${pids.join(", ")})` : "down"}`;
  return `${name.padEnd(14)} up    ${version}, ${addresses.join(" ")}, process ${pids.join(" ")}`;
}

async function env({ home, names, compose }: Scope): Promise<void> {
  const composed = (await compose?.settingsOf(names.filter(isComposed))) ?? {};
  const settings = { ...(await settingsOf(home, names)), ...composed };
  if (Object.keys(settings).length === 0)
    throw new ToolError("None of them is up. Start them with: npm run servers -- up");
  for (const use of ["jwt", "media"] as const) {
    const { kid, key } = (await signingKeys({ jwtKeys: [], mediaKeys: [], dataDir: home }, use)).newest;
    settings[`${use.toUpperCase()}_KEYS`] = `${kid}:${key.export().toString("base64url")}`;
  }
  for (const [name, value] of Object.entries(settings)) say(`${name}=${value}`);
}

/** Two that change the same servers at once would end each other's. */
async function alone(home: string, work: () => Promise<void>): Promise<void> {
  const held = await holdDataFolder(home);
  try {
    await work();
  } finally {
    await held.release();
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

if (require.main === module) runTool(usage, main);
