import type { Config } from "../lib/config";
import { ZooKeeperDiscoverer } from "../plugins/zookeeper-discoverer";

const BEAT_SECONDS = 3;
/** Looked at as often as it is long: a node that fell silent is given up after one to two of these. NATS knows at once. */
const SILENT_SECONDS = 10;

/** How nodes know of each other: in ZooKeeper, or by what they tell through NATS, and heartbeats there. */
export function discovererOf({ zookeeperUrl: url, zookeeperSessionMs: sessionTimeoutMs }: Config): object {
  if (url !== undefined) return new ZooKeeperDiscoverer({ url, sessionTimeoutMs });
  return { type: "Local", options: { heartbeatInterval: BEAT_SECONDS, heartbeatTimeout: SILENT_SECONDS } };
}
