/** What every run of the tests has: one compiler, one PostgreSQL. */
module.exports = {
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
