import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../lib/config";
import { ApiClient } from "../demo/api-client";
import { Fleet } from "../fleet/fleet";
import { FleetEvents } from "../fleet/fleet-events";
import { startFleetServers } from "../fleet/fleet-servers";
import { progress } from "../progress";
import { ToolError } from "../run-tool";
import { colourField } from "../seed/colour-field";
import { openAccounts, PASSWORD, usernameOf } from "../seed/open-accounts";
import { guard } from "../servers/guard-server";
import type { RunningServer, ServerName } from "../servers/start-server";
import { startServices } from "../start-services";

const servers: readonly ServerName[] = ["nats", "kafka", "postgres", "mongodb", "redis", "minio"];
const atFirst = [["auth"], ["graph"], ["media"], ["posts"], ["newsfeed"], ["discovery"], ["api"]];
const READERS = 20;
const FOLLOWS_AT_ONCE = 500;
const SIDE_PX = 64;
const TOLD_MS = 120_000;

export interface Stage {
  fleet: Fleet;
  author: ApiClient;
  /** Of the author's posts to come. */
  mediaIds: string[];
  readers: ApiClient[];
  close(): Promise<void>;
}

/** A fleet with servers of its own, an author, their followers, and pictures to post. */
export async function openStage({ followers, posts }: { followers: number; posts: number }): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), "emulsion-scale-"));
  // Open to be passed through by whoever a server runs as: PostgreSQL refuses to be root.
  await chmod(home, 0o755);
  const dismiss = await guard(home, { remove: true });
  const running: RunningServer[] = [];
  let fleet: Fleet | undefined;
  const close = async (): Promise<void> => {
    await fleet?.stop();
    await Promise.all(running.map((server) => server.stop()));
    await rm(home, { recursive: true, force: true });
    dismiss();
  };
  try {
    const env: Record<string, string> = {
      ...(await startFleetServers(home, servers, running)),
      KAFKA_PARTITIONS: "12",
      RATE_LIMITS: "off",
      LOG_LEVEL: "warn",
    };
    fleet = await startFleet(join(home, "fleet"), env);
    const people = await bringPeople(fleet, env, { followers, posts });
    await untilTold(env);
    return { fleet, close, ...people };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startFleet(folder: string, env: Record<string, string>): Promise<Fleet> {
  const fleet = await Fleet.open(folder, env);
  const shown = progress("Nodes", atFirst.length);
  await Promise.all(atFirst.map((services) => fleet.start([services]).then(() => shown.advance())));
  shown.end();
  return fleet;
}

async function bringPeople(
  fleet: Fleet,
  env: Record<string, string>,
  { followers, posts }: { followers: number; posts: number },
): Promise<Pick<Stage, "author" | "mediaIds" | "readers">> {
  const config = loadConfig({ ...env, OPS_PORT: "0", BCRYPT_COST: "4" }, { isTool: true });
  const started = await startServices(config, [], { holdsFolder: false });
  try {
    await started.broker.waitForServices(["auth", "graph", "media", "posts", "newsfeed"], 60_000);
    const labels = Array.from({ length: followers + 1 }, (_, i) => String(i));
    const [authorId, ...followerIds] = await openAccounts(started, config, "scale", labels);
    const edges = followerIds.map((follower_id) => ({ follower_id, following_id: authorId! }));
    const shown = progress("Follows", edges.length);
    for (let i = 0; i < edges.length; i += FOLLOWS_AT_ONCE) {
      const some = edges.slice(i, i + FOLLOWS_AT_ONCE);
      await started.call("graph.followMany", { edges: some }, { timeout: 60_000 });
      shown.advance(some.length);
    }
    shown.end();
  } finally {
    await started.stop();
  }
  const gateway = fleet.of("api")[0]!.url;
  const author = await signIn(gateway, "0");
  const readers = await Promise.all(Array.from({ length: READERS }, (_, i) => signIn(gateway, String(i + 1))));
  return { author, readers, mediaIds: await uploadAll(author, posts) };
}

/** Each follow is an event for newsfeed too: posts that come right after many wait until these are handled. */
async function untilTold(env: Record<string, string>): Promise<void> {
  const shown = progress("Events", 1);
  const events = new FleetEvents(env);
  try {
    await events.settled(TOLD_MS);
    shown.advance();
  } finally {
    await events.close();
    shown.end();
  }
}

async function signIn(gateway: string, label: string): Promise<ApiClient> {
  const api = new ApiClient(gateway);
  const body = { username: usernameOf("scale", label), password: PASSWORD };
  const { access_token } = await api.post<{ access_token: string }>("auth/login", body);
  return api.as(access_token);
}

async function uploadAll(author: ApiClient, count: number): Promise<string[]> {
  const shown = progress("Pictures", count);
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const bytes = await colourField(i + 1, SIDE_PX, SIDE_PX)
      .png()
      .toBuffer();
    const media = await author.upload({ name: `${i}.png`, bytes }, "Colours");
    if (media.status === "failed") throw new ToolError(`A picture could not be made: ${media.failure}`);
    ids.push(media.id);
    shown.advance();
  }
  shown.end();
  return ids;
}
