const { default: TestRunner } = require("jest-runner");

/** Runs a project's files one at a time, after those of projects that run two: what starts a fleet wants the machine to itself. */
module.exports = class OneAtATime extends TestRunner {
  constructor(globalConfig, context) {
    super({ ...globalConfig, maxWorkers: 1 }, context);
  }
};
