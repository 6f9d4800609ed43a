import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";

const folder = join(projectRoot, "..", "shared", "data");

export const realPicture = (name: string): string => join(folder, "photos", name);
export const realVideo = (name: string): string => join(folder, "videos", name);

/** Tests with files that are not part of the project: where they are missing the title says so, and in CI that is a failure. */
export function describeRealInput(title: string, tests: () => void): void {
  if (existsSync(folder)) describe(title, tests);
  else if (process.env["CI"] === "true")
    describe(title, () => {
      it("has its files", () => {
        throw new Error(`CI=true needs the real input in ${folder}.`);
      });
    });
  else describe.skip(`${title} (skipped: there is no folder ../shared/data beside the project)`, tests);
}
