const shared = require("./jest.shared.cjs");

/** Tests against real servers, which `npm run test:servers` brings up. They share two cores with them: one file at a time. */
module.exports = { ...shared, testMatch: ["<rootDir>/test/servers/**/*.test.ts"], testTimeout: 60_000, maxWorkers: 1 };
