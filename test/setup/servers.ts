/** What `npm run servers -- env` prints, and the clusters that only tests use. */
export const serverUrls = [
  "NATS_URL",
  "ZOOKEEPER_URL",
  "KAFKA_BROKERS",
  "KAFKA_CLUSTER_BROKERS",
  "DATABASE_URL",
  "DATABASE_SHARDS",
  "MONGODB_URL",
  "REDIS_URL",
  "REDIS_CLUSTER_URL",
  "MINIO_URL",
] as const;

export type ServerUrl = (typeof serverUrls)[number];

/** Where a real server of this run answers. @throws where the run has none. */
export function serverUrl(name: ServerUrl): string {
  const url = process.env[`TEST_${name}`];
  if (!url) throw new Error(`No server for ${name} is up: run these tests by \`npm run test:servers\`.`);
  return url;
}

/** Tests that need these servers. One that is missing fails the run in CI; elsewhere they are skipped and say so. */
export function describeOn(names: readonly ServerUrl[], title: string, tests: () => void): void {
  const missing = names.filter((name) => !process.env[`TEST_${name}`]);
  if (missing.length === 0) describe(title, tests);
  else if (process.env["CI"] === "true")
    it(`${title}: needs ${missing.join(", ")}`, () => {
      throw new Error(`No server for ${missing.join(", ")} is up.`);
    });
  else describe.skip(`${title} (skipped: no server for ${missing.join(", ")})`, tests);
}
