import { Cluster, Redis, type RedisOptions } from "ioredis";

export type RedisClient = Redis | Cluster;

/** What cannot be sent now fails now: whoever asks has another way, or is tried again. */
const patience = {
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  connectTimeout: 2_000,
  // A connection on which nothing comes back is given up, with all that waits on it.
  socketTimeout: 3_000,
} satisfies RedisOptions;

const pauseBeforeTry = (times: number): number => Math.min(1_000, 50 * times);

/** A client of one server, or where several addresses are given of the Cluster that they belong to. Connects when told to. */
export function openClient(urls: readonly string[]): RedisClient {
  const [first = ""] = urls;
  if (urls.length === 1) return new Redis(first, { ...patience, lazyConnect: true, retryStrategy: pauseBeforeTry });

  const { username, password, protocol } = new URL(first);
  const isTls = protocol === "rediss:";
  const cluster = new Cluster(urls.map(addressOf), {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: pauseBeforeTry,
    // Certificates are of names: a node that announces one is connected to by it.
    ...(isTls ? { dnsLookup: (address: string, found: Found) => found(null, address) } : {}),
    redisOptions: {
      ...patience,
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(isTls ? { tls: {} } : {}),
    },
  });
  // Or the first commands to a node would find it unconnected.
  cluster.on("+node", (node: Redis) => void node.connect().catch(() => undefined));
  return cluster;
}

type Found = (error: Error | null, address: string) => void;

function addressOf(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port || 6379) };
}
