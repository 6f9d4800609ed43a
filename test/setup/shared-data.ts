import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";

/** Real input lies beside the clone. Without it these tests are skipped and say so; CI needs it. */
export function sharedData(kind: "photos" | "videos" | "") {
  const folder = join(projectRoot, "..", "shared", "data", kind);
  const isHere = existsSync(folder);
  const isNeeded = process.env["CI"] === "true";
  return {
    folder,
    file: (name: string) => join(folder, name),
    describe: (title: string, tests: () => void) =>
      isHere || isNeeded
        ? describe(title, tests)
        : describe.skip(`${title} (skipped: ../shared/data is not beside this clone)`, tests),
  };
}
