import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { answers } from "../answers";
import type { RedisPrograms } from "../install/redis-programs";
import type { ServerKind, Site } from "../server-kind";
import { redis, redisUrl, startRedis } from "./redis";

const WHOLE_TIMEOUT_MS = 30_000;

/** A Redis Cluster of three masters without replicas: enough to show what must not span hash slots. */
export const redisCluster: ServerKind<RedisPrograms> = {
  ...redis,
  size: 3,
  ports: ["client", "bus"],

  start: (programs, { places, extra }, index) =>
    startRedis(programs, places[index]!, [
      ...["--cluster-enabled", "yes", "--cluster-port", String(places[index]!.ports["bus"])],
      // Without it clients are sent to an empty address and hang.
      ...["--cluster-announce-ip", "127.0.0.1", "--cluster-node-timeout", "2000", ...extra],
    ]),

  async settle(programs, site) {
    if (!(await hasMet(site))) await meet(programs, site);
    await untilWhole(site);
  },

  env: async ({ places }) => ({ REDIS_URL: places.map(redisUrl).join(",") }),
};

function hasMet({ places }: Site): Promise<boolean> {
  return answers(places[0]!.ports["client"]!, "CLUSTER INFO\r\n", `cluster_known_nodes:${places.length}`);
}

async function meet({ cli, env }: RedisPrograms, { places }: Site): Promise<void> {
  const nodes = places.map(({ ports }) => `127.0.0.1:${ports["client"]}`);
  await promisify(execFile)(cli, ["--cluster", "create", ...nodes, "--cluster-replicas", "0", "--cluster-yes"], {
    env: { ...process.env, ...env },
  });
}

async function untilWhole({ places }: Site): Promise<void> {
  for (const deadline = Date.now() + WHOLE_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    const states = await Promise.all(
      places.map(({ ports }) => answers(ports["client"]!, "CLUSTER INFO\r\n", "cluster_state:ok")),
    );
    if (states.every(Boolean)) return;
  }
  throw new Error("The Redis Cluster did not become whole in time.");
}
