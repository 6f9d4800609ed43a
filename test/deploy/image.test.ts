import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { scripts, version } from "../../package.json";
import { composeFiles, ownContainers, readCompose } from "./compose-file";

const dockerfile = readFileSync(join(projectRoot, "Dockerfile"), "utf8");

describe("the image", () => {
  it("starts what npm start starts", () => {
    const command = JSON.parse(/^CMD (\[.*\])$/m.exec(dockerfile)![1]!) as string[];
    expect(command.join(" ").replace("node node_modules/moleculer/bin/moleculer-runner.js", "moleculer-runner")).toBe(
      scripts.start.replaceAll('"', ""),
    );
  });

  it("runs as nobody special and is asked to stop by SIGTERM", () => {
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    expect(dockerfile).toMatch(/^STOPSIGNAL SIGTERM$/m);
  });

  it("is built from what .dockerignore lets through", () => {
    const let_through = readFileSync(join(projectRoot, ".dockerignore"), "utf8")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources]) =>
      sources!.split(" "),
    );
    expect(copied.sort()).toEqual(let_through.sort());
  });

  it.each(composeFiles)("has the version of package.json in %s", (file) => {
    const images = ownContainers(readCompose(file)).map(([, { image }]) => image);
    expect(new Set(images)).toEqual(new Set([`emulsion:${version}`]));
  });
});
