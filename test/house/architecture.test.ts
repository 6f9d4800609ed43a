import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { projectRoot } from "../../lib/project-root";

/** Calls run only to the right; discovery calls nobody. */
const order = ["api", "newsfeed", "posts", "media", "graph", "auth"];

interface Source {
  path: string;
  text: string;
}

function sourcesBelow(...folders: string[]): Source[] {
  return folders.flatMap((folder) => walk(join(projectRoot, folder)));
}

function walk(folder: string): Source[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return walk(path);
    if (!name.endsWith(".ts")) return [];
    return [{ path: relative(projectRoot, path).split(sep).join("/"), text: readFileSync(path, "utf8") }];
  });
}

/** What a file imports, as paths from the project's root; packages are left out. */
function importsOf({ path, text }: Source): string[] {
  return [...text.matchAll(/(?:from|import|require\()\s*"(\.{1,2}\/[^"]+)"/g)].map(([, target]) =>
    relative(projectRoot, resolve(projectRoot, dirname(path), target!))
      .split(sep)
      .join("/"),
  );
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

const ownCode = sourcesBelow("services", "mixins", "plugins", "lib", "node");
const domainFiles = ownCode.filter(({ path }) => /^services\/[a-z]+\//.test(path));
const domainOf = (path: string) => path.split("/")[1]!;

describe("the house", () => {
  it("reads enough of the code for these rules to mean something", () => {
    expect(ownCode.length).toBeGreaterThan(100);
    expect(domainFiles.flatMap(importsOf).length).toBeGreaterThan(100);
  });

  it("calls only to the right", () => {
    const breaches = domainFiles.flatMap((source) => {
      const from = domainOf(source.path);
      const called = [
        ...withoutComments(source.text).matchAll(/"(api|newsfeed|posts|media|graph|auth|discovery)\.[a-zA-Z]+"/g),
      ]
        .map(([, to]) => to!)
        // The same words name events of one's own and one's own actions.
        .filter((to) => to !== from);
      return called
        .filter((to) => from !== "api" && order.indexOf(to) <= order.indexOf(from))
        .map((to) => `${source.path} → ${to}`);
    });
    expect(breaches).toEqual([]);
  });

  it("imports nothing of another service but its contract", () => {
    const breaches = domainFiles.flatMap((source) =>
      importsOf(source)
        .filter((target) => /^services\/[a-z]+\//.test(target) && domainOf(target) !== domainOf(source.path))
        .filter((target) => !target.endsWith(".contract"))
        .map((target) => `${source.path} imports ${target}`),
    );
    expect(breaches).toEqual([]);
  });

  it("keeps lib, mixins and plugins below the services", () => {
    // Types of what all services share, and no service.
    const allowed = /^services\/(contracts|define-service)$/;
    const breaches = ownCode
      .filter(({ path }) => /^(lib|mixins|plugins)\//.test(path))
      .flatMap((source) =>
        importsOf(source)
          .filter((target) => /^(services|node)\//.test(target) && !allowed.test(target))
          .map((target) => `${source.path} imports ${target}`),
      );
    const upward = ownCode
      .filter(({ path }) => /^(lib|plugins)\//.test(path))
      .flatMap((source) =>
        importsOf(source)
          .filter((target) => /^(mixins|node|services)\//.test(target))
          .map((target) => `${source.path} imports ${target}`),
      );
    expect([...breaches, ...upward]).toEqual([]);
  });

  it("reads the environment in lib/config.ts alone", () => {
    const readers = ownCode.filter(({ text }) => /process\.env/.test(withoutComments(text))).map(({ path }) => path);
    expect(readers).toEqual(["lib/config.ts"]);
  });

  it("writes SQL in repositories, and in the mixins that keep tables of their own", () => {
    const sql =
      /[`"']\s*(select\s[\s\S]+\sfrom|insert\s+into|update\s+\w+\s+(as\s+\w+\s+)?set|delete\s+from|with\s+\w+\s+as)\s/i;
    const breaches = ownCode
      .filter(({ path }) => !path.endsWith(".repository.ts") && !/^mixins\/(postgres|channels)\//.test(path))
      .filter(({ text }) => sql.test(withoutComments(text)))
      .map(({ path }) => path);
    expect(breaches).toEqual([]);
  });

  it("has no drawer for things without a place", () => {
    const drawers = ownCode
      .map(({ path }) => path)
      .filter((path) => /(^|\/)(utils?|helpers?|common|types|misc)(\.ts|\/)/.test(path));
    expect(drawers).toEqual([]);
  });

  it("keeps every file small enough to be read at once", () => {
    const long = ownCode
      .filter(({ path, text }) => !path.endsWith(".contract.ts") && text.split("\n").length > 260)
      .map(({ path }) => path);
    expect(long).toEqual([]);
  });
});
