import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { projectRoot } from "../../lib/project-root";
import type { Backend } from "./backends";
import { type ServerUrl, serverUrls } from "./servers";

const testFolder = join(projectRoot, "test");
/** These list them all: their naming one means nothing. */
const lists = ["servers.ts", "start-servers.ts", "backends.ts"].map((name) => join(testFolder, "setup", name));

const urlOf: Record<Backend, ServerUrl> = {
  nats: "NATS_URL",
  zookeeper: "ZOOKEEPER_URL",
  kafka: "KAFKA_BROKERS",
  shards: "DATABASE_SHARDS",
  mongodb: "MONGODB_URL",
  redis: "REDIS_URL",
  minio: "MINIO_URL",
};

/** Every test file for which the question is answered by yes. */
export function testFiles(isChosen: (path: string) => boolean): string[] {
  return readdirSync(testFolder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => join(testFolder, name))
    .filter(isChosen);
}

/**
 * The servers that these test files name, themselves or through other files of `test/`. Files from outside of
 * `test/servers` name none, and run on those of Jest's projects.
 */
export function neededServers(files: readonly string[], ofProjects: readonly Backend[]): ServerUrl[] {
  const seen = new Set<string>(lists);
  const waiting = [...files];
  const named = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, name] of text.matchAll(/\b(?:TEST_)?((?!TEST_)[A-Z]+(?:_[A-Z]+)+)\b/g)) named.add(name!);
    waiting.push(...importsOf(file, text));
  }
  if (files.some((file) => !file.startsWith(join(testFolder, "servers")))) {
    // Whatever else it runs on, an app has a PostgreSQL.
    named.add("DATABASE_URL");
    for (const backend of ofProjects) named.add(urlOf[backend]);
  }
  return serverUrls.filter((name) => named.has(name));
}

/** Real servers that Jest's projects name as `BACKENDS`. */
export function backendsOf(projects: readonly { globals?: { BACKENDS?: readonly Backend[] } }[]): Backend[] {
  return projects.flatMap(({ globals }) => globals?.BACKENDS ?? []);
}

function importsOf(file: string, text: string): string[] {
  return [...text.matchAll(/from\s+"(\.{1,2}\/[^"]+)"/g)]
    .map(([, target]) => `${resolve(dirname(file), target!)}.ts`)
    .filter((path) => path.startsWith(testFolder) && existsSync(path));
}
