import { mkdir } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { accepts } from "../answers";
import { onPath } from "../install/toolchain";
import { type SecantusDb, secantusDb } from "../install/secantus-db";
import { versionOf } from "../install/version-of";
import { launchProgram } from "../launch-program";
import type { Place, ServerKind, Site } from "../server-kind";

const DATABASE = "emulsion";
const REPLICA_SET = "rs0";
/** By itself the driver imports this in a way that Jest's sandbox refuses. */
const runtimeAdapters = { os };

type Installed = { mongod: string } | SecantusDb;

/**
 * The mongod of this system, as a replica set of one; there is none in any registry. Else SecantusDB, a beta that speaks
 * MongoDB's protocol on WiredTiger: its version says so, and nothing that ran on it is a word about MongoDB's speed.
 */
export const mongodb: ServerKind<Installed> = {
  size: 1,
  ports: ["client"],

  async install() {
    const mongod = onPath("mongod");
    return mongod === undefined ? secantusDb("mongodb") : { mongod };
  },

  async version(installed) {
    if ("mongod" in installed) return versionOf(installed.mongod, ["--version"]);
    return `SecantusDB ${installed.version}`;
  },

  async start(installed, { places, extra }, index) {
    const place = places[index]!;
    const data = join(place.folder, "data");
    await mkdir(data, { recursive: true });
    const isMongod = "mongod" in installed;
    const [program, ...first] = isMongod ? [installed.mongod] : installed.command;
    const args = isMongod ? mongodArgs(place, data) : secantusArgs(place, data, installed.canLimitLogs);
    await launchProgram({
      program: program!,
      args: [...first, ...args, ...extra],
      folder: place.folder,
      isReady: () => accepts(place.ports["client"]!),
    });
  },

  /** SecantusDB says from the start that it is a replica set of one; a mongod must be made one, once. */
  async settle(installed, site) {
    if ("mongod" in installed) await makeReplicaSet(site);
  },

  env: async ({ places }) => ({ MONGODB_URL: `mongodb://127.0.0.1:${places[0]!.ports["client"]}/${DATABASE}` }),
};

function mongodArgs({ ports }: Place, data: string): string[] {
  return [
    ...["--dbpath", data, "--bind_ip", "127.0.0.1", "--port", String(ports["client"]), "--replSet", REPLICA_SET],
    // What a killed node left open is given up, as docs/operations.md asks of every MongoDB.
    ...["--setParameter", "transactionLifetimeLimitSeconds=4"],
  ];
}

/** Without `--sync-on-commit` a killed one loses writes that it acknowledged. */
function secantusArgs({ ports }: Place, data: string, canLimitLogs: boolean): string[] {
  return [
    ...["--host", "127.0.0.1", "--port", String(ports["client"]), "--storage-path", data, "--sync-on-commit"],
    ...["--cache-size", "256M", "--log-level", "WARNING", ...(canLimitLogs ? ["--log-file-max", "16MB"] : [])],
  ];
}

async function makeReplicaSet({ places }: Site): Promise<void> {
  // Loaded where it is needed: most commands start no MongoDB, and should not wait for it.
  const { MongoClient } = await import("mongodb");
  const host = `127.0.0.1:${places[0]!.ports["client"]}`;
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, { runtimeAdapters });
  try {
    await client
      .db("admin")
      .command({ replSetInitiate: { _id: REPLICA_SET, members: [{ _id: 0, host }] } })
      .catch((error: { codeName?: string }) => {
        if (error.codeName !== "AlreadyInitialized") throw error;
      });
  } finally {
    await client.close();
  }
  // Resolves once it has elected itself.
  const elected = new MongoClient(`mongodb://${host}/?replicaSet=${REPLICA_SET}`, { runtimeAdapters });
  try {
    await elected.db("admin").command({ ping: 1 });
  } finally {
    await elected.close();
  }
}
