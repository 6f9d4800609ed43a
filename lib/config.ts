import type { ServiceBroker } from "moleculer";
import { resolve } from "node:path";
import { z } from "zod";

/** One name of the environment. The table of the README is made from these. */
interface Setting<Schema extends z.ZodType> {
  env: string;
  schema: Schema;
  fallback: string | undefined;
  about: string;
}

function setting<Schema extends z.ZodType>(
  env: string,
  schema: Schema,
  fallback: string | undefined,
  about: string,
): Setting<Schema> {
  return { env, schema, fallback, about };
}

const integer = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  z.string().regex(/^\d+$/, "must be a whole number").transform(Number).pipe(z.number().min(min).max(max));
const onOff = z.enum(["on", "off"]).transform((value) => value === "on");
const list = z.string().transform((value) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
const text = z.string().min(1);
const url = z.url();

const settings = {
  host: setting("HOST", text, "127.0.0.1", "Address that the gateway listens on."),
  port: setting("PORT", integer(0, 65535), "3000", "Port of the gateway. 0 takes a free one."),
  opsHost: setting("OPS_HOST", text, "127.0.0.1", "Address of the ops port."),
  opsPort: setting(
    "OPS_PORT",
    integer(0, 65535).optional(),
    undefined,
    "Port of `/healthz`, `/readyz` and `/metrics`. Unset: 8000–8005 by service; a taken one falls to a free one, which is logged.",
  ),
  dataDir: setting(
    "DATA_DIR",
    text.transform((value) => resolve(value)),
    "./data",
    "Folder of everything that the embedded default keeps.",
  ),
  logLevel: setting(
    "LOG_LEVEL",
    z.enum(["fatal", "error", "warn", "info", "debug", "trace"]),
    "info",
    "Least level that is logged.",
  ),
  logFormat: setting(
    "LOG_FORMAT",
    z.enum(["json", "short"]),
    "json",
    "`json`, a line an object, or `short` for people.",
  ),
  databaseUrl: setting(
    "DATABASE_URL",
    url.optional(),
    undefined,
    "An outside PostgreSQL (15 or newer). Unset: one is started under `DATA_DIR`.",
  ),
  publicUrl: setting(
    "PUBLIC_URL",
    url.optional(),
    undefined,
    "Where people reach the gateway: the base of media URLs. Unset: paths only.",
  ),
  cdnBaseUrl: setting(
    "CDN_BASE_URL",
    url.optional(),
    undefined,
    "Base of the URLs of public media, where a CDN stands before the gateway.",
  ),
  corsOrigins: setting("CORS_ORIGINS", list, "", "Origins that browsers may call from, exact, comma-separated."),
  trustedProxies: setting(
    "TRUSTED_PROXIES",
    list,
    "",
    "Addresses of proxies, comma-separated, whose X-Forwarded-For is believed.",
  ),
  rateLimits: setting("RATE_LIMITS", onOff, "on", "`off` for tests and benchmarks; refused in production."),
  rateLimitAuth: setting("RATE_LIMIT_AUTH", integer(1), "100", "Registrations and logins a minute from one address."),
  rateLimitWrites: setting("RATE_LIMIT_WRITES", integer(1), "300", "Writes a minute of one user."),
  rateLimitReads: setting("RATE_LIMIT_READS", integer(1), "3000", "Reads a minute of one user."),
  accessTokenSeconds: setting("ACCESS_TOKEN_SECONDS", integer(1), "900", "Life of an access token."),
  refreshTokenSeconds: setting(
    "REFRESH_TOKEN_SECONDS",
    integer(1),
    "2592000",
    "Life of a refresh token that is not used.",
  ),
  jwtIssuer: setting("JWT_ISSUER", text, "emulsion", "`iss` of access tokens."),
  jwtAudience: setting("JWT_AUDIENCE", text, "emulsion-api", "`aud` of access tokens."),
  jwtKeys: setting(
    "JWT_KEYS",
    list,
    "",
    "Signing keys `kid:base64url` of at least 32 bytes each, comma-separated, the newest first. Unset: made once under `DATA_DIR/keys`.",
  ),
  mediaKeys: setting("MEDIA_KEYS", list, "", "Keys of signed media URLs, in the form of `JWT_KEYS`."),
  bcryptCost: setting("BCRYPT_COST", integer(4, 15), "10", "Cost of password hashes."),
  influencerFollowers: setting(
    "INFLUENCER_FOLLOWERS",
    integer(0),
    "100000",
    "From so many followers on an author's posts are pulled when read, not pushed when written.",
  ),
  feedTtlSeconds: setting("FEED_TTL_SECONDS", integer(1), "300", "Life of a cached timeline that nobody reads."),
  feedMaxItems: setting("FEED_MAX_ITEMS", integer(1, 10_000), "800", "Posts that a feed holds."),
  imageMaxBytes: setting("IMAGE_MAX_BYTES", integer(1), "31457280", "Largest image that is taken."),
  imageMaxPixels: setting("IMAGE_MAX_PIXELS", integer(1), "50000000", "Most pixels of an image, all frames together."),
  imageAvif: setting("IMAGE_AVIF", onOff, "off", "Renditions in AVIF too (about ten times the work)."),
  videoMaxBytes: setting("VIDEO_MAX_BYTES", integer(1), "209715200", "Largest video that is taken."),
  videoMaxSeconds: setting("VIDEO_MAX_SECONDS", integer(1), "60", "Longest video that is taken."),
  mediaJobs: setting("MEDIA_JOBS", integer(1, 64), "2", "Renditions and transcodings at work at once on one node."),
  mediaUrlSeconds: setting("MEDIA_URL_SECONDS", integer(60), "3600", "Life of a signed media URL."),
  unusedMediaSeconds: setting(
    "UNUSED_MEDIA_SECONDS",
    integer(1),
    "86400",
    "Age at which an upload that nothing uses is collected.",
  ),
  sweepSeconds: setting("SWEEP_SECONDS", integer(1), "60", "Pause between two rounds of the sweepers."),
  failpoint: setting(
    "FAILPOINT",
    text.optional(),
    undefined,
    "For tests: the process kills itself soon after it reaches this place (`mixins/failpoint.ts`); refused in production.",
  ),
} satisfies Record<string, Setting<z.ZodType>>;

type Settings = typeof settings;
type FromEnvironment = { [K in keyof Settings]: z.output<Settings[K]["schema"]> };

export interface Config extends FromEnvironment {
  isProduction: boolean;
  /** URL of each shard; empty: `databaseUrl`, or the embedded server, is the one shard. */
  databaseShards: string[];
  /** The system's own PATH: where ffmpeg is looked for. */
  searchPath: string;
}

/** Names of the fleet that this version does not serve yet: refused rather than ignored. */
const notYetServed = [
  "NATS_URL",
  "ZOOKEEPER_URL",
  "KAFKA_BROKERS",
  "DATABASE_SHARDS",
  "MONGODB_URL",
  "REDIS_URL",
  "MINIO_URL",
];

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
  config["databaseShards"] = [];
  config["searchPath"] = env["PATH"] ?? "";
  for (const variable of notYetServed) {
    if (env[variable]) faults.push(`${variable}: this version runs as one process and does not use it yet; unset it`);
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
