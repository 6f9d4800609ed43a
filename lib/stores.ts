import type { Config } from "./config";

/** What a service keeps outside of itself. Each is embedded, or a server that a URL names. */
export type Store = "postgres" | "documents" | "redis" | "objects";

/** Every service of the house, with the stores that it uses: what a node of it must reach. */
export const storesOf: Readonly<Record<string, readonly Store[]>> = {
  api: ["redis"],
  newsfeed: ["postgres", "redis"],
  posts: ["documents", "redis"],
  media: ["postgres", "redis", "objects"],
  graph: ["postgres", "redis"],
  auth: ["postgres", "redis"],
  discovery: [],
};

/** Services that sign, each with the setting of its keys. */
export const keysOf: Readonly<Record<string, "JWT_KEYS" | "MEDIA_KEYS">> = { auth: "JWT_KEYS", media: "MEDIA_KEYS" };

/** Settings that name a store's server; one of them is enough. */
export const urlsOf: Readonly<Record<Store, readonly string[]>> = {
  postgres: ["DATABASE_URL", "DATABASE_SHARDS"],
  documents: ["MONGODB_URL"],
  redis: ["REDIS_URL"],
  objects: ["MINIO_URL"],
};

type Node = Pick<
  Config,
  "services" | "databaseUrl" | "databaseShards" | "mongodbUrl" | "redisUrl" | "minioUrl" | "jwtKeys" | "mediaKeys"
>;

/** Whether a service of this node uses it. */
export function usesStore({ services }: Pick<Config, "services">, store: Store): boolean {
  return services.some((name) => storesOf[name]?.includes(store));
}

/** Whether this node uses it and no URL names a server of it. */
export function isEmbedded(node: Node, store: Store): boolean {
  const hasServer = {
    postgres: node.databaseUrl !== undefined || node.databaseShards.length > 0,
    documents: node.mongodbUrl !== undefined,
    redis: node.redisUrl !== undefined,
    objects: node.minioUrl !== undefined,
  }[store];
  return usesStore(node, store) && !hasServer;
}

/** Whether something of this node lies in its data folder. */
export function keepsFiles(node: Node): boolean {
  const isKept = (["postgres", "documents", "objects"] as const).some((store) => isEmbedded(node, store));
  const makesKeys = node.services.some((name) => {
    const setting = keysOf[name];
    return setting !== undefined && (setting === "JWT_KEYS" ? node.jwtKeys : node.mediaKeys).length === 0;
  });
  return isKept || makesKeys;
}
