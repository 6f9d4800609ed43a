import type { ServiceBroker } from "moleculer";
import { join } from "node:path";
import type { z } from "zod";
import { withKeyFiles } from "./key-files";
import type { Setting } from "./setting";
import { settings } from "./settings";
import { keysOf, storesOf, urlsOf } from "./stores";

type Settings = typeof settings;
type FromEnvironment = { [K in keyof Settings]: z.output<Settings[K]["schema"]> };

export interface Config extends FromEnvironment {
  isProduction: boolean;
  /** The system's own PATH: where ffmpeg is looked for. */
  searchPath: string;
}

export class ConfigError extends Error {
  constructor(readonly faults: string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.name = "ConfigError";
  }
}

/** What is loaded for something else than a node as its environment describes it. */
export interface Purpose {
  /** In place of `SERVICES`: none at all for a node that only asks others. */
  services?: readonly string[];
  /** A command on the stores: it joins no fleet, and signs nothing. */
  isTool?: boolean;
}

const clusterUrls = ["NATS_URL", "ZOOKEEPER_URL", "KAFKA_BROKERS", ...Object.values(urlsOf).flat()];

/** @throws {ConfigError} naming every wrong or missing setting at once. */
export function loadConfig(environment: Record<string, string | undefined>, purpose: Purpose = {}): Config {
  const faults: string[] = [];
  const env = withKeyFiles(environment, faults);
  const config: Record<string, unknown> = {};
  for (const [name, { env: variable, schema, fallback }] of Object.entries<Setting<z.ZodType>>(settings)) {
    const raw = env[variable] === "" ? undefined : env[variable];
    const parsed = schema.safeParse(raw ?? fallback);
    if (parsed.success) config[name] = parsed.data;
    else faults.push(`${variable}: ${parsed.error.issues.map((issue) => issue.message).join("; ")}`);
  }
  config["isProduction"] = env["NODE_ENV"] === "production";
  config["searchPath"] = env["PATH"] ?? "";
  if (config["kafkaSasl"] !== undefined) {
    for (const variable of ["KAFKA_USERNAME", "KAFKA_PASSWORD"])
      if (!env[variable]) faults.push(`${variable}: required with KAFKA_SASL`);
  }
  const named = purpose.services ?? (config["services"] as string[] | undefined) ?? [];
  const services = named.length > 0 || purpose.services !== undefined ? [...named] : Object.keys(storesOf);
  config["services"] = services;
  if (config["isProduction"] && config["rateLimits"] === false)
    faults.push("RATE_LIMITS: cannot be off with NODE_ENV=production");
  if (config["isProduction"] && config["failpoint"] !== undefined)
    faults.push("FAILPOINT: not with NODE_ENV=production");
  if (config["zookeeperUrl"] !== undefined && config["natsUrl"] === undefined)
    faults.push("ZOOKEEPER_URL: only with NATS_URL, by which nodes that found each other talk");
  faults.push(...serviceFaults(services));
  if (purpose.isTool !== true) faults.push(...storeFaults(services, env), ...missingKeys(services, env));
  for (const variable of ["JWT_KEYS", "MEDIA_KEYS"]) faults.push(...keyFaults(variable, env[variable]));
  if (faults.length > 0) throw new ConfigError(faults);
  return config as unknown as Config;
}

function serviceFaults(services: readonly string[]): string[] {
  const known = Object.keys(storesOf);
  const unknown = services.filter((name) => !known.includes(name));
  return unknown.length === 0 ? [] : [`SERVICES: there is no ${unknown.join(", ")}; there are ${known.join(", ")}`];
}

/** Nodes of a fleet share every store: one that a node kept for itself would hide what it holds from the others. */
function storeFaults(services: readonly string[], env: Record<string, string | undefined>): string[] {
  if (!env["NATS_URL"]) return [];
  return Object.entries(urlsOf).flatMap(([store, urls]) => {
    const users = services.filter((name) => storesOf[name]?.some((used) => used === store));
    if (users.length === 0 || urls.some((url) => env[url])) return [];
    return [`${urls.join(" or ")}: required by ${users.join(", ")} on a node of a fleet (NATS_URL)`];
  });
}

function missingKeys(services: readonly string[], env: Record<string, string | undefined>): string[] {
  const reason = env["NODE_ENV"] === "production" ? "NODE_ENV=production" : clusterUrls.find((url) => env[url]);
  if (reason === undefined) return [];
  return services.flatMap((name) => {
    const setting = keysOf[name];
    return setting === undefined || env[setting] ? [] : [`${setting}: required by ${name} with ${reason}`];
  });
}

function keyFaults(variable: string, value: string | undefined): string[] {
  return (value ?? "")
    .split(",")
    .filter((part) => part !== "")
    .filter((part) => !/^[\w.-]+:[\w-]+$/.test(part) || Buffer.from(part.split(":")[1] ?? "", "base64url").length < 32)
    .map(() => `${variable}: each key is kid:base64url of at least 32 bytes`);
}

/** Rows of the README's table of settings. */
export function settingRows(): { env: string; fallback: string; about: string }[] {
  return Object.values<Setting<z.ZodType>>(settings).map(({ env, fallback, about }) => ({
    env,
    fallback: fallback ?? "",
    about,
  }));
}

const configs = new WeakMap<ServiceBroker, Config>();

/** Ties a configuration to a broker. Broker metadata would be broadcast to every node, and this holds secrets. */
export function attachConfig(broker: ServiceBroker, config: Config): void {
  configs.set(broker, config);
}

export function configOf(broker: ServiceBroker): Config {
  const config = configs.get(broker);
  if (config === undefined) throw new Error("This broker was made without attachConfig().");
  return config;
}

/** The one place that reads the environment. @throws {ConfigError} */
export function configFromEnvironment(purpose: Purpose = {}): Config {
  const config = loadConfig(process.env, purpose);
  tellRunner(process.env["SERVICES"] ? config.services : []);
  return config;
}

/** Moleculer's runner reads these two itself, after the configuration, and takes a name that it does not find for a glob. */
function tellRunner(services: readonly string[]): void {
  delete process.env["SERVICES"];
  delete process.env["SERVICEDIR"];
  if (services.length === 0) return;
  process.env["SERVICES"] = services.join(",");
  // Beside this folder, whether these are sources or compiled.
  process.env["SERVICEDIR"] = join(__dirname, "..", "services");
}
