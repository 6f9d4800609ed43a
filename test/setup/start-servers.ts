import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { guard } from "../../tools/servers/guard-server";
import { type RunningServer, type ServerName, startServer } from "../../tools/servers/start-server";
import { backendsOf, neededServers, testFiles } from "./needed-servers";
import type { ServerUrl } from "./servers";
import { tempRoot } from "./temp-root";

export interface TestServers {
  running: RunningServer[];
  /** Those that cannot be had here, each with its reason. */
  missing: string[];
  /** Servers of somebody else's, which the environment named. */
  given: string[];
  stop(): Promise<void>;
}

declare global {
  var testServers: TestServers | undefined;
}

/** Of Jest's global configuration, what tells which test files it was asked for. */
interface Chosen {
  testPathPatterns: { toExecutor(options: { rootDir: string }): { isMatch(path: string): boolean } };
}

/** Which server answers at each URL, and under which name it says so itself. */
const sources: Record<ServerUrl, { server: ServerName; setting: string }> = {
  NATS_URL: { server: "nats", setting: "NATS_URL" },
  ZOOKEEPER_URL: { server: "zookeeper", setting: "ZOOKEEPER_URL" },
  KAFKA_BROKERS: { server: "kafka", setting: "KAFKA_BROKERS" },
  KAFKA_CLUSTER_BROKERS: { server: "kafka-cluster", setting: "KAFKA_BROKERS" },
  DATABASE_URL: { server: "postgres", setting: "DATABASE_URL" },
  DATABASE_SHARDS: { server: "shards", setting: "DATABASE_SHARDS" },
  MONGODB_URL: { server: "mongodb", setting: "MONGODB_URL" },
  REDIS_URL: { server: "redis", setting: "REDIS_URL" },
  REDIS_CLUSTER_URL: { server: "redis-cluster", setting: "REDIS_URL" },
  MINIO_URL: { server: "minio", setting: "MINIO_URL" },
};

/**
 * Brings up the servers that the tests of this run name, on a folder of the run's own, and tells the tests where by
 * `TEST_<NAME>`. One that is set already is used as it is. Where CI=true, one that cannot be had fails the run.
 */
export default async function startServers({ testPathPatterns }: Chosen): Promise<void> {
  const chosen = testPathPatterns.toExecutor({ rootDir: projectRoot });
  const names = neededServers(
    testFiles((path) => chosen.isMatch(path)),
    backendsOf(jestConfig().projects),
  );
  const given = names.filter((name) => process.env[`TEST_${name}`]);
  const home = await mkdtemp(join(tempRoot(), "emulsion-servers-"));
  // Open to be passed through by whoever a server runs as: PostgreSQL refuses to be root.
  await chmod(home, 0o755);
  const dismiss = await guard(home, { remove: true });
  const running: RunningServer[] = [];
  const missing: string[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
    await rm(home, { recursive: true, force: true });
    dismiss();
  };
  await Promise.all(
    names
      .filter((name) => !given.includes(name))
      .map(async (name) => {
        const { server, setting } = sources[name];
        try {
          const started = await startServer(server, { folder: join(home, server) });
          running.push(started);
          process.env[`TEST_${name}`] = started.env[setting];
        } catch (error) {
          missing.push(`${server} (${error instanceof Error ? error.message : String(error)})`);
        }
      }),
  );
  globalThis.testServers = { running, missing, given, stop };
  if (missing.length === 0) return;
  if (process.env["CI"] !== "true") return;
  await stop();
  throw new Error(`Servers that the tests need are missing:\n${missing.join("\n")}`);
}

function jestConfig(): { projects: Parameters<typeof backendsOf>[0] } {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- CommonJS, as Jest reads it
  return require("../../jest.servers.config.cjs") as ReturnType<typeof jestConfig>;
}
