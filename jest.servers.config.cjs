const base = require("./jest.shared.cjs");

const shared = {
  ...base,
  globalSetup: "<rootDir>/test/setup/start-servers.ts",
  globalTeardown: "<rootDir>/test/setup/stop-servers.ts",
};
/** What starts fleets has the machine to itself. */
const alone = { runner: "<rootDir>/jest.one-at-a-time.cjs" };
const journeys = ["<rootDir>/test/journeys/**/*.test.ts"];
/** Services whose rows lie on many shards. */
const sharded = ["graph", "newsfeed"].map((name) => `<rootDir>/test/${name}/**/*.test.ts`);

/** Tests against real servers, which are brought up for them. They wait for these more than they compute: two files at a time. */
module.exports = {
  testTimeout: 60_000,
  maxWorkers: 2,
  // Less than any of them needs, so that each file has a process of its own: what one left behind harms no other.
  workerIdleMemoryLimit: "50MB",
  projects: [
    {
      ...shared,
      displayName: "servers",
      testMatch: ["<rootDir>/test/servers/**/*.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/servers/(fleet|torture)/"],
    },
    {
      ...shared,
      displayName: "two shards",
      testMatch: [...journeys, ...sharded],
      globals: { NODES: 1, BACKENDS: ["shards"] },
    },
    {
      ...shared,
      displayName: "mongodb",
      testMatch: ["<rootDir>/test/posts/**/*.test.ts"],
      // Starts no service.
      testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/posts/extract-tags.test.ts"],
      globals: { NODES: 1, BACKENDS: ["mongodb"] },
    },
    {
      ...shared,
      ...alone,
      displayName: "servers alone",
      testMatch: ["<rootDir>/test/servers/{fleet,torture}/**/*.test.ts"],
    },
    {
      ...shared,
      ...alone,
      displayName: "a fleet",
      testMatch: journeys,
      globals: { FLEET: true, BACKENDS: ["nats", "zookeeper", "kafka", "shards", "mongodb", "redis", "minio"] },
    },
  ],
};
