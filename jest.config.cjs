/** Everything that needs nothing but npm. */
module.exports = {
  testMatch: ["<rootDir>/test/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/servers/"],
  modulePathIgnorePatterns: ["<rootDir>/dist/"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" }, sourceMaps: "inline" },
    ],
  },
  testEnvironment: "node",
  testTimeout: 30_000,
  maxWorkers: 2,
  globalSetup: "<rootDir>/test/setup/start-postgres.ts",
  globalTeardown: "<rootDir>/test/setup/stop-postgres.ts",
};
