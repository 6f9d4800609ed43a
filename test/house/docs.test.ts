import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { errorClasses } from "../../services/errors";
import { settingsSection, tableRows } from "../../tools/docs-sections";
import { scripts } from "../../package.json";

const read = (path: string) => readFileSync(join(projectRoot, path), "utf8");

describe("the documents", () => {
  it("README.md lists every setting as lib/config.ts has it (npm run docs)", () => {
    const section = read("README.md").split("<!-- settings -->")[1]!.split("<!-- /settings -->")[0]!;
    expect(tableRows(section)).toEqual(tableRows(settingsSection()));
  });

  it("README.md names only commands that there are", () => {
    const named = [...read("README.md").matchAll(/npm run (?:--silent )?(\w[\w:-]*)/g)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(scripts).toHaveProperty([name]);
  });

  it("docs/errors.md lists every error with its code, and none that there is not", () => {
    const [, ...rows] = tableRows(read("docs/errors.md"));
    const documented = rows.map(([type, code]) => `${type!.replaceAll("`", "")} ${code}`).sort();
    const thrown = [...errorClasses().values()].map(({ type, code }) => `${type} ${code}`).sort();
    expect(documented).toEqual(thrown);
  });

  it("gives each error a type of its own", () => {
    const types = [...errorClasses().values()].map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
  });

  it("docs/decisions are numbered without a hole", () => {
    const numbers = readdirSync(join(projectRoot, "docs/decisions")).map((name) => Number(name.slice(0, 4)));
    expect(numbers.sort((a, b) => a - b)).toEqual(numbers.map((_, i) => i + 1));
  });
});
