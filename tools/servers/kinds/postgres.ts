import { join } from "node:path";
import { findBinaries } from "../../../mixins/postgres/binaries";
import type { Log } from "../../../mixins/postgres/log";
import { runningEmbedded, startEmbedded } from "../../../mixins/postgres/embedded";
import { versionOf } from "../install/version-of";
import type { Place, ServerKind } from "../server-kind";
import { noteProcess } from "../server-process";

const log: Log = { info: () => undefined, warn: console.warn, error: console.error };

/** Enough for every service of a fleet in a process of its own. */
const MAX_CONNECTIONS = 400;

/** PostgreSQL from its npm package, by the launcher of the embedded default. */
export const postgres: ServerKind<string> = {
  size: 1,
  ports: ["client"],
  install: async () => (await findBinaries()).postgres,
  version: (program) => versionOf(program, ["--version"]),

  async start(_, { places }, index) {
    const { folder, ports } = places[index]!;
    const { pid } = await startEmbedded({
      folder: dataOf(places[index]!),
      log,
      maxConnections: MAX_CONNECTIONS,
      port: ports["client"]!,
    });
    await noteProcess(folder, pid, "SIGINT");
  },

  env: async ({ places }) => ({ DATABASE_URL: await urlOf(places[0]!) }),
};

/** Two of them: the two shards of one database. */
export const shards: ServerKind<string> = {
  ...postgres,
  size: 2,
  env: async ({ places }) => ({ DATABASE_SHARDS: (await Promise.all(places.map(urlOf))).join(",") }),
};

function dataOf({ folder }: Place): string {
  return join(folder, "data");
}

/** Without options, whose question mark a shell would take for a pattern. */
async function urlOf(place: Place): Promise<string> {
  const url = await runningEmbedded(dataOf(place));
  if (url === undefined) throw new Error(`PostgreSQL does not run on ${dataOf(place)}.`);
  const { protocol, username, password, host, pathname } = new URL(url);
  return `${protocol}//${username}:${password}@${host}${pathname}`;
}
