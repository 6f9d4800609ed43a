const shared = require("./jest.shared.cjs");

/** Tests on a real graph and real photographs of ../shared: skipped, saying so, where that folder is missing; CI needs it. */
module.exports = { ...shared, testMatch: ["<rootDir>/test/data/**/*.test.ts"], testTimeout: 60_000, maxWorkers: 2 };
