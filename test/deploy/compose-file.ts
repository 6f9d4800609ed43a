import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../lib/project-root";

export interface ComposeService {
  image: string;
  build?: string;
  command?: string[];
  profiles?: string[];
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  stop_grace_period?: string;
  environment?: Record<string, string | number>;
  ports?: string[];
  volumes?: string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string; required?: boolean }>;
}

export interface ComposeFile {
  name: string;
  services: Record<string, ComposeService>;
  configs?: Record<string, { file?: string }>;
}

export const composeFiles = ["docker-compose.yml", "docker-compose.small.yml"] as const;

/** A Compose file as the engine sees it: anchors merged, then variables replaced by those given or their defaults. */
export function readCompose(file: (typeof composeFiles)[number], variables: Record<string, string> = {}): ComposeFile {
  const parsed: unknown = parse(readFileSync(join(projectRoot, file), "utf8"), { merge: true });
  return interpolate(parsed, variables) as ComposeFile;
}

function interpolate(value: unknown, variables: Record<string, string>): unknown {
  if (typeof value === "string")
    return value.replace(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, fallback: string) => variables[name] ?? fallback);
  if (Array.isArray(value)) return value.map((item) => interpolate(item, variables));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, variables)]));
}

/** Containers of our own image, by name. */
export function ownContainers({ services }: ComposeFile): [string, ComposeService][] {
  return Object.entries(services).filter(([, { build }]) => build !== undefined);
}

/** Those of them that stay up: nodes, which run services. */
export function nodesOf(file: ComposeFile): [string, ComposeService][] {
  return ownContainers(file).filter(([, { restart }]) => restart !== undefined);
}

/** What the image itself sets, for every container of it. */
export function imageEnvironment(): Record<string, string> {
  const text = readFileSync(join(projectRoot, "Dockerfile"), "utf8");
  const block = /^ENV ((?:.*\\\n)*.*)$/m.exec(text)![1]!;
  return Object.fromEntries([...block.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name!, value!]));
}
