import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { faultsInAll, shortRun } from "../../../tools/torture/each-fault-once";
import { mutants, runScenario } from "../../../tools/torture/mutants";
import { historyFile, torture } from "../../../tools/torture/run";
import { tempRoot } from "../../setup/temp-root";

const LONGEST_MS = 600_000;

/** Its servers and its fleet are its own: it kills them. */
describe("a short torture", () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tempRoot(), "emulsion-torture-test-"))));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it(
    "of each fault once breaks no promise",
    async () => {
      const options = { ...shortRun, seed: 1, file: historyFile(folder, 1) };
      const { history, violations, inflicted, failures } = await torture(options);
      expect(violations.map(({ promise, what }) => `${promise}: ${what}`)).toEqual([]);
      expect(failures).toEqual([]);
      expect(inflicted).toHaveLength(faultsInAll);
      const answered = history.operations.filter(({ outcome }) => outcome === "ok");
      expect(answered.length).toBeGreaterThan(history.operations.length / 2);
    },
    LONGEST_MS,
  );

  it(
    "tells a mutant from the product",
    async () => {
      const mutant = mutants.find(({ name }) => name === "no-read-time-filter")!;
      const { violations } = await runScenario(mutant, folder, true);
      expect(violations.map(({ promise }) => promise)).toContain(3);
    },
    LONGEST_MS,
  );
});
