import { resolve } from "node:path";
import { z } from "zod";

/** One name of the environment. The table of the README is made from these. */
export interface Setting<Schema extends z.ZodType> {
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
/** Commas alone would pass for something that was set, and name nothing. */
const list = z
  .string()
  .trim()
  .regex(/^$|[^\s,]/, "must name something")
  .transform((value) => value.split(/\s*,\s*/).filter((part) => part !== ""));
const text = z.string().min(1);
const url = z.url();
const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: "must be postgres://user:password@host:port/database",
});
const addresses = list.pipe(z.array(z.string().regex(/^[\w.-]+:\d{1,5}$/, "must be host:port, comma-separated")));
const natsServers = list.pipe(
  z.array(z.url({ protocol: /^(nats|tls)$/, error: "must be nats://host:port or tls://host:port" })).min(1),
);
const zookeeperServers = z
  .string()
  .regex(
    /^zookeeper:\/\/([^@/,]+:[^@/,]+@)?[\w.-]+:\d{1,5}(,[\w.-]+:\d{1,5})*(\/[\w-][\w.-]*)*\/?$/,
    "must be zookeeper://[user:password@]host:port[,host:port][/chroot]",
  );
const redisServers = list.pipe(
  z.array(z.url({ protocol: /^rediss?$/, error: "must be redis://host:port or rediss://host:port" })).min(1),
);
/** A path before the bucket would not be what is signed. */
const origin = z.string().regex(/^https?:\/\/[\w.:[\]-]+\/?$/, "must be http(s)://host[:port], without a path");
const bucketUrl = z
  .url({ protocol: /^https?$/, error: "must be http(s)://key:secret@host:port/bucket" })
  .refine(isBucketUrl, "must be http(s)://key:secret@host:port/bucket");

/** Every name of the environment that is read. */
export const settings = {
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
  services: setting(
    "SERVICES",
    list,
    "",
    "Services of this node, comma-separated, such as `newsfeed,posts`. Unset: all of them.",
  ),
  namespace: setting(
    "NAMESPACE",
    z.string().regex(/^[a-z0-9-]{0,40}$/, "must be of lower-case letters, digits and dashes"),
    "",
    "Sets systems on the same servers apart: part of NATS subjects, ZooKeeper paths, Kafka topics and groups, Redis keys.",
  ),
  natsUrl: setting(
    "NATS_URL",
    natsServers.optional(),
    undefined,
    "`nats://host:port`, with `user:password@` or `token@` before the host, or `tls://…`; several of one cluster comma-separated. Set: this node is one of a fleet.",
  ),
  natsCaFile: setting("NATS_CA_FILE", text.optional(), undefined, "File of the certificate authority of NATS' TLS."),
  zookeeperUrl: setting(
    "ZOOKEEPER_URL",
    zookeeperServers.optional(),
    undefined,
    "`zookeeper://[user:password@]host:port[,host:port][/chroot]`. Nodes find each other there; unset: by NATS heartbeats.",
  ),
  zookeeperSessionMs: setting("ZOOKEEPER_SESSION_MS", integer(1000, 60_000), "10000", "A node silent so long is gone."),
  kafkaBrokers: setting(
    "KAFKA_BROKERS",
    addresses,
    "",
    "`host:port`, comma-separated. Domain events go through Kafka; unset: through the broker.",
  ),
  kafkaSasl: setting(
    "KAFKA_SASL",
    z.enum(["plain", "scram-sha-256", "scram-sha-512"]).optional(),
    undefined,
    "Mechanism by which Kafka is told `KAFKA_USERNAME` and `KAFKA_PASSWORD`.",
  ),
  kafkaUsername: setting("KAFKA_USERNAME", text.optional(), undefined, "User of `KAFKA_SASL`."),
  kafkaPassword: setting("KAFKA_PASSWORD", text.optional(), undefined, "Password of `KAFKA_SASL`."),
  kafkaTls: setting("KAFKA_TLS", onOff, "off", "Speak TLS to Kafka."),
  kafkaCaFile: setting(
    "KAFKA_CA_FILE",
    text.optional(),
    undefined,
    "File of the certificate authority of Kafka's TLS.",
  ),
  kafkaPartitions: setting("KAFKA_PARTITIONS", integer(1, 1000), "12", "Partitions of topics that are made."),
  kafkaReplication: setting(
    "KAFKA_REPLICATION",
    integer(1, 9),
    "1",
    "Copies of topics that are made; from 3 on, all but one must have a message before it is acknowledged.",
  ),
  databaseUrl: setting(
    "DATABASE_URL",
    postgresUrl.optional(),
    undefined,
    "An outside PostgreSQL (15 or newer), or a pgdog before `DATABASE_SHARDS`. Unset: one is started under `DATA_DIR`.",
  ),
  databaseShards: setting(
    "DATABASE_SHARDS",
    list.pipe(z.array(postgresUrl)),
    "",
    "URL of each shard, comma-separated, in the order of their numbers. Never changes once it holds data.",
  ),
  mongodbUrl: setting(
    "MONGODB_URL",
    // Several hosts in one URL are none to a URL parser.
    z
      .string()
      .regex(/^mongodb(\+srv)?:\/\/[^/\s]+\/[\w-]+(\?\S*)?$/, "must be mongodb://host:port/database")
      .optional(),
    undefined,
    "A MongoDB replica set for posts, likes and comments, with the database's name. Unset: NeDB under `DATA_DIR`.",
  ),
  redisUrl: setting(
    "REDIS_URL",
    redisServers.optional(),
    undefined,
    "`redis://[user:password@]host:port`, or `rediss://…`; several comma-separated are a Cluster. Unset: memory.",
  ),
  minioUrl: setting(
    "MINIO_URL",
    bucketUrl.optional(),
    undefined,
    "`http(s)://key:secret@host:port/bucket[?region=…]`: MinIO or any S3. Unset: files under `DATA_DIR/media`.",
  ),
  minioPublicUrl: setting(
    "MINIO_PUBLIC_URL",
    origin.optional(),
    undefined,
    "Where clients reach MinIO, for the parts of large uploads. Unset: the address of `MINIO_URL`.",
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
  jwtKeysFile: setting(
    "JWT_KEYS_FILE",
    text.optional(),
    undefined,
    "File of signing keys, one a line, as secrets are mounted: read where `JWT_KEYS` is unset.",
  ),
  mediaKeys: setting("MEDIA_KEYS", list, "", "Keys of signed media URLs, in the form of `JWT_KEYS`."),
  mediaKeysFile: setting("MEDIA_KEYS_FILE", text.optional(), undefined, "File of them, as `JWT_KEYS_FILE`."),
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
  // S3 takes none that lasts longer than a week.
  mediaUrlSeconds: setting("MEDIA_URL_SECONDS", integer(60, 604_800), "3600", "Life of a signed media URL."),
  unusedMediaSeconds: setting(
    "UNUSED_MEDIA_SECONDS",
    integer(1),
    "86400",
    "Age at which an upload is collected that nothing uses, or whose parts did not all come.",
  ),
  sweepSeconds: setting("SWEEP_SECONDS", integer(1), "60", "Pause between two rounds of the sweepers."),
  failpoint: setting(
    "FAILPOINT",
    text.optional(),
    undefined,
    "For tests: the process kills itself soon after it reaches this place (`mixins/failpoint.ts`); refused in production.",
  ),
} satisfies Record<string, Setting<z.ZodType>>;

function isBucketUrl(value: string): boolean {
  const { username, password, pathname } = new URL(value);
  return username !== "" && password.length >= 8 && /^\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(pathname);
}
