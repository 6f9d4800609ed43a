import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runBuild } from "./run-build";
import { needOnPath } from "./toolchain";

export interface Library {
  group: string;
  artifact: string;
  version: string;
  /** Of what it would bring along, what this server runs without: `group:artifact`. */
  without?: readonly string[];
}

/** Puts the jars of these libraries, and all that they need, into `libs` of the folder. */
export async function mavenLibraries(server: string, libraries: readonly Library[], folder: string): Promise<void> {
  const [maven] = needOnPath(server, "mvn");
  const pom = join(folder, "pom.xml");
  await writeFile(pom, pomOf(libraries));
  const output = `-DoutputDirectory=${join(folder, "libs")}`;
  await runBuild({
    title: `${server}: fetching jars from Maven Central`,
    program: maven!,
    args: ["-q", "-B", "-f", pom, "dependency:copy-dependencies", output, "-DincludeScope=runtime"],
    cwd: folder,
  });
  await rm(pom);
}

function pomOf(libraries: readonly Library[]): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>emulsion</groupId>
  <artifactId>server</artifactId>
  <version>1</version>
  <dependencies>${libraries.map(dependencyOf).join("")}
  </dependencies>
</project>
`;
}

function dependencyOf({ group, artifact, version, without = [] }: Library): string {
  return `
    <dependency>
      ${coordinates(group, artifact)}<version>${version}</version>
      <exclusions>${without.map(exclusionOf).join("")}</exclusions>
    </dependency>`;
}

function exclusionOf(name: string): string {
  const [group, artifact] = name.split(":") as [string, string];
  return `<exclusion>${coordinates(group, artifact)}</exclusion>`;
}

function coordinates(group: string, artifact: string): string {
  return `<groupId>${group}</groupId><artifactId>${artifact}</artifactId>`;
}
