const base = require("./jest.shared.cjs");

const shared = {
  ...base,
  globalSetup: "<rootDir>/test/setup/start-servers.ts",
  globalTeardown: "<rootDir>/test/setup/stop-servers.ts",
};
const journeys = ["<rootDir>/test/journeys/**/*.test.ts"];
/** Services whose rows lie on many shards. */
const sharded = ["graph", "newsfeed"].map((name) => `<rootDir>/test/${name}/**/*.test.ts`);

/** Tests against real servers, which are brought up for them. They share two cores with them: one file at a time. */
module.exports = {
  testTimeout: 60_000,
  maxWorkers: 1,
  // Less than any of them needs, so that each file has a process of its own: after dozens of files one aborted in native code.
  workerIdleMemoryLimit: "50MB",
  projects: [
    { ...shared, displayName: "servers", testMatch: ["<rootDir>/test/servers/**/*.test.ts"] },
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
      displayName: "a fleet",
      testMatch: journeys,
      globals: { FLEET: true, BACKENDS: ["nats", "zookeeper", "kafka", "shards", "mongodb", "redis", "minio"] },
    },
  ],
};
