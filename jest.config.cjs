/** Everything that needs nothing but npm. What talks to services runs twice: in one process, and on two brokers over a wire. */
const shared = {
  rootDir: __dirname,
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
        sourceMaps: "inline",
      },
    ],
  },
  testEnvironment: "node",
  globalSetup: "<rootDir>/test/setup/start-postgres.ts",
  globalTeardown: "<rootDir>/test/setup/stop-postgres.ts",
};

const services = ["auth", "graph", "media", "posts", "newsfeed", "discovery"];
const ofServices = services.map((name) => `<rootDir>/test/${name}/**/*.test.ts`);

module.exports = {
  testTimeout: 30_000,
  maxWorkers: 2,
  projects: [
    { ...shared, displayName: "one node", testMatch: ofServices, globals: { NODES: 1 } },
    { ...shared, displayName: "two nodes", testMatch: ofServices, globals: { NODES: 2 } },
    {
      ...shared,
      displayName: "house",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: [
        "/node_modules/",
        "<rootDir>/test/servers/",
        ...services.map((name) => `<rootDir>/test/${name}/`),
      ],
    },
  ],
};
