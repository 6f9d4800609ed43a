import type { ServiceBroker } from "moleculer";
import type { z } from "zod";
import { type Setting, settings } from "./settings";

type Settings = typeof settings;
type FromEnvironment = { [K in keyof Settings]: z.output<Settings[K]["schema"]> };

export interface Config extends FromEnvironment {
  isProduction: boolean;
  /** The system's own PATH: where ffmpeg is looked for. */
  searchPath: string;
}

/** Parts of the fleet that this version does not serve yet: refused rather than ignored. Each goes as its part comes. */
const notYetServed = ["SERVICES", "NATS_URL", "ZOOKEEPER_URL", "MONGODB_URL"];

export class ConfigError extends Error {
  constructor(readonly faults: string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  - ${fault}`).join("\n")}`);
    this.name = "ConfigError";
  }
}

/** @throws {ConfigError} naming every wrong or missing setting at once. */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const faults: string[] = [];
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
  for (const variable of notYetServed) {
    if (env[variable]) faults.push(`${variable}: this version does not use it yet; unset it`);
  }
  if (config["isProduction"] && config["rateLimits"] === false)
    faults.push("RATE_LIMITS: cannot be off with NODE_ENV=production");
  if (config["isProduction"] && config["failpoint"] !== undefined)
    faults.push("FAILPOINT: not with NODE_ENV=production");
  if (config["isProduction"]) {
    for (const variable of ["JWT_KEYS", "MEDIA_KEYS"])
      if (!env[variable]) faults.push(`${variable}: required with NODE_ENV=production`);
  }
  for (const variable of ["JWT_KEYS", "MEDIA_KEYS"]) faults.push(...keyFaults(variable, env[variable]));
  if (faults.length > 0) throw new ConfigError(faults);
  return config as unknown as Config;
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
export function configFromEnvironment(): Config {
  return loadConfig(process.env);
}
