import { randomBytes } from "node:crypto";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { RedisLink } from "../../../mixins/redis/redis-link";
import { type RunningServer, startServer } from "../../../tools/servers/start-server";
import { tempRoot } from "../../setup/temp-root";

const silent = { warn: () => undefined };

/** A link to the server or Cluster at this URL, in a namespace of its own. */
export async function openLink(url: string, namespace = `test-${randomBytes(6).toString("hex")}`): Promise<RedisLink> {
  const link = new RedisLink(url.split(","), namespace, silent);
  await link.open();
  return link;
}

/** A Redis of one test's own, which it may stop, kill and rob of what it acknowledged. */
export interface OwnRedis extends Pick<RunningServer, "pids" | "kill" | "restart"> {
  url: string;
  port: string;
  pause(): void;
  resume(): void;
  /** Keeps its data as they are now, for `restartFromThen`. */
  remember(): Promise<void>;
  /** Kills it, and starts it from the data that were remembered: as after a loss of power, or from a backup. */
  restartFromThen(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnRedis(...extra: string[]): Promise<OwnRedis> {
  const folder = await mkdtemp(join(tempRoot(), "emulsion-redis-"));
  const server = await startServer("redis", { folder, extra: ["--repl-diskless-sync-delay", "0", ...extra] });
  const data = join(folder, "node-0", "appendonlydir");
  const then = join(folder, "then");
  const url = server.env["REDIS_URL"]!;
  const signal = (name: NodeJS.Signals) => server.pids.forEach((pid) => process.kill(pid, name));
  return {
    url,
    port: new URL(url).port,
    get pids() {
      return server.pids;
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    remember: () => cp(data, then, { recursive: true }),
    async restartFromThen() {
      await server.kill();
      await rm(data, { recursive: true });
      await cp(then, data, { recursive: true });
      await server.restart();
    },
    async stop() {
      // One that was just made a replica would not go while it writes its first file.
      await server.kill();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until this holds, for ten seconds at most; answers whether it does. */
export async function eventually(holds: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + 10_000;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() > until) return false;
    await sleep(20);
  }
}
