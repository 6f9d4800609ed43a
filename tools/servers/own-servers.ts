import { join } from "node:path";
import { kinds } from "./kinds";
import { type ServerName, serverNames } from "./server-kind";
import { processOf } from "./server-process";
import { readRecord, siteOf } from "./server-record";
import { endServer, startServer } from "./start-server";

/** Servers that stay when the command that started them ends, each in a folder of its name under one home. */
export interface ServerState {
  name: ServerName;
  /** Whether all of its processes run. */
  isUp: boolean;
  version: string | undefined;
  pids: number[];
  /** Where its clients reach it. */
  addresses: string[];
}

export interface Outcome {
  name: ServerName;
  seconds: number;
  /** Undefined: it is up. */
  failure: string | undefined;
  wasUp: boolean;
}

/** Brings these up side by side; one that is up already stays as it is. Tells of each as soon as it is known. */
export async function bringUp(
  home: string,
  names: readonly ServerName[],
  tell: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  return Promise.all(
    names.map(async (name) => {
      const outcome = await bringOneUp(home, name);
      tell(outcome);
      return outcome;
    }),
  );
}

async function bringOneUp(home: string, name: ServerName): Promise<Outcome> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  if ((await stateOf(home, name)).isUp) return { name, seconds: seconds(), failure: undefined, wasUp: true };
  try {
    await startServer(name, { folder: join(home, name), outlivesUs: true });
    return { name, seconds: seconds(), failure: undefined, wasUp: false };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { name, seconds: seconds(), failure, wasUp: false };
  }
}

/** Ends these where we started them. Answers which of them ran. */
export async function bringDown(home: string, names: readonly ServerName[]): Promise<ServerName[]> {
  const ended = await Promise.all(names.map((name) => endServer(join(home, name))));
  return names.filter((_, index) => ended[index]);
}

export async function stateOf(home: string, name: ServerName): Promise<ServerState> {
  const folder = join(home, name);
  const record = await readRecord(folder);
  if (record === undefined) return { name, isUp: false, version: undefined, pids: [], addresses: [] };
  const running = await Promise.all(siteOf(folder, record).places.map((place) => processOf(place.folder)));
  return {
    name,
    isUp: running.every((found) => found !== undefined),
    version: record.version,
    pids: running.flatMap((found) => (found === undefined ? [] : [found.pid])),
    addresses: record.ports.map((ports) => `127.0.0.1:${ports["client"]}`),
  };
}

/** The settings by which a node reaches what is up: a cluster's in place of the single server's, shards in place of one database. */
export async function settingsOf(home: string, names: readonly ServerName[]): Promise<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const name of serverNames) {
    if (!names.includes(name) || !(await stateOf(home, name)).isUp) continue;
    const folder = join(home, name);
    const record = await readRecord(folder);
    if (record === undefined) continue;
    if (name === "shards") delete settings["DATABASE_URL"];
    Object.assign(settings, await kinds[name].env(siteOf(folder, record)));
  }
  return settings;
}
