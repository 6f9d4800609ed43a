const { readFileSync, readdirSync } = require("node:fs");
const { cpus } = require("node:os");
const { join } = require("node:path");
const shared = require("./jest.shared.cjs");

const services = ["auth", "graph", "media", "posts", "newsfeed", "discovery"];
const ofServices = services.map((name) => `<rootDir>/test/${name}/**/*.test.ts`);

/** Tests of a service's pieces start no broker through the harness: a second run would say nothing new. */
const ofPieces = services.flatMap((name) => {
  const folder = join(__dirname, "test", name);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".test.ts") && !/\buse[A-Z]\w*\(/.test(readFileSync(join(folder, file), "utf8")))
    .map((file) => `<rootDir>/test/${name}/${file}`);
});

const limits = {
  testTimeout: 60_000,
  // They wait for servers more than they compute.
  maxWorkers: Math.max(2, 2 * cpus().length),
};

/** Everything that needs nothing but npm. What talks to services runs twice: in one process, and on two brokers over a wire. */
module.exports = {
  ...limits,
  projects: [
    { ...shared, displayName: "one node", testMatch: ofServices, globals: { NODES: 1 } },
    {
      ...shared,
      displayName: "two nodes",
      testMatch: ofServices,
      testPathIgnorePatterns: ["/node_modules/", ...ofPieces],
      globals: { NODES: 2 },
    },
    {
      ...shared,
      displayName: "house",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: [
        "/node_modules/",
        ...["servers", "data", ...services].map((name) => `<rootDir>/test/${name}/`),
      ],
    },
  ],
};
