import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { keysOf, storesOf } from "../../lib/stores";

const folder = join(projectRoot, "services");
const services = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** All that the files of a service say. */
function codeOf(service: string): string {
  return readdirSync(join(folder, service), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(folder, service, file), "utf8"))
    .join("\n");
}

describe("what lib/stores.ts says that a service needs", () => {
  it("is told of every service", () => {
    expect(Object.keys(storesOf).sort()).toEqual([...services].sort());
  });

  it.each(services)("is what %s takes from mixins/", (service) => {
    const imported = [...codeOf(service).matchAll(/mixins\/(postgres|documents|redis|objects)\b/g)].map(
      ([, name]) => name,
    );
    expect([...storesOf[service]!].sort()).toEqual([...new Set(imported)].sort());
  });

  it.each(services)("are the keys that %s signs by", (service) => {
    const [, use] = /signingKeys\([^)]*"(jwt|media)"\)/.exec(codeOf(service)) ?? [];
    expect(keysOf[service]).toBe(use === undefined ? undefined : `${use.toUpperCase()}_KEYS`);
  });
});
