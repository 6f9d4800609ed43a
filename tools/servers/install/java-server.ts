import { join } from "node:path";
import { type Library, mavenLibraries } from "./maven-libraries";
import { cached } from "./tool-cache";
import { needOnPath } from "./toolchain";

export interface JavaServer {
  java: string;
  /** Its class path. */
  libs: string;
}

/** A server that consists of jars. */
export async function javaServer(server: string, version: string, libraries: readonly Library[]): Promise<JavaServer> {
  const [java] = needOnPath(server, "java");
  const folder = await cached(server, version, (into) => mavenLibraries(server, libraries, into));
  return { java: java!, libs: join(folder, "libs", "*") };
}
