import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet } from "../fleet/fleet";
import { startFleetServers } from "../fleet/fleet-servers";
import { progress } from "../progress";
import { guard } from "../servers/guard-server";
import type { RunningServer, ServerName } from "../servers/start-server";

const serverNames: readonly ServerName[] = ["nats", "zookeeper", "kafka", "shards", "mongodb", "redis", "minio"];

/** Two of each, so that relays, consumers and rebuilds of two nodes meet. */
export const torturedFleet: readonly (readonly string[])[] = [
  ...[
    ["auth", "graph", "discovery"],
    ["auth", "graph", "discovery"],
  ],
  ...[
    ["media", "posts"],
    ["media", "posts"],
  ],
  ...[["newsfeed"], ["newsfeed"]],
  ...[["api"], ["api"]],
];

/** Low enough for a few people to cross it. */
export const THRESHOLD = 6;
/** So that a post of a few followers has several pages. */
const FAN_OUT_PAGE = 2;
/** More posts than a run makes of whom one person follows would not fit. */
export const FEED_MOST = 120;

export interface Stage {
  home: string;
  env: Record<string, string>;
  fleet: Fleet;
  servers: RunningServer[];
  close(): Promise<void>;
}

export interface StageOptions {
  plan?: readonly (readonly string[])[];
  /** The compiled product that the nodes run, where it is not this one. */
  dist?: string | undefined;
  /** Leave the folder with every log when all has ended. */
  keepsFolder?: boolean;
}

/** A fleet on servers of its own, all of which end with this process. */
export async function openStage({
  plan = torturedFleet,
  dist,
  keepsFolder = false,
}: StageOptions = {}): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), "emulsion-torture-"));
  // Open to be passed through by whoever a server runs as: PostgreSQL refuses to be root.
  await chmod(home, 0o755);
  const dismiss = await guard(home, { remove: !keepsFolder });
  const servers: RunningServer[] = [];
  let fleet: Fleet | undefined;
  const close = async (): Promise<void> => {
    await fleet?.stop();
    await Promise.all(servers.map((server) => server.stop()));
    if (!keepsFolder) await rm(home, { recursive: true, force: true });
    dismiss();
  };
  try {
    const env = {
      ...(await startFleetServers(home, serverNames, servers)),
      ...{ KAFKA_PARTITIONS: "3", RATE_LIMITS: "off", BCRYPT_COST: "4", LOG_LEVEL: "warn", SWEEP_SECONDS: "5" },
      FAN_OUT_PAGE: String(FAN_OUT_PAGE),
      ...{ INFLUENCER_FOLLOWERS: String(THRESHOLD), FEED_MAX_ITEMS: String(FEED_MOST), ACCESS_TOKEN_SECONDS: "36000" },
    };
    fleet = await Fleet.open(join(home, "fleet"), env, dist);
    await startNodes(fleet, plan);
    return { home, env, fleet, servers, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startNodes(fleet: Fleet, plan: readonly (readonly string[])[]): Promise<void> {
  const shown = progress("Nodes", plan.length);
  await Promise.all(plan.map((services) => fleet.start([services]).then(() => shown.advance())));
  shown.end();
}
