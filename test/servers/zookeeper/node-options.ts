import type { BrokerOptions } from "moleculer";
import { ZooKeeperDiscoverer } from "../../../plugins/zookeeper-discoverer";

export interface NodeSettings {
  nodeID: string;
  namespace: string;
  natsUrl: string;
  zookeeperUrl: string;
  sessionTimeoutMs: number;
}

/** A bare node: what finds others, and what speaks to them. */
export function nodeOptions({
  nodeID,
  namespace,
  natsUrl,
  zookeeperUrl,
  sessionTimeoutMs,
}: NodeSettings): BrokerOptions {
  return {
    nodeID,
    namespace,
    transporter: { type: "NATS", options: { url: natsUrl } },
    disableBalancer: true,
    registry: { discoverer: new ZooKeeperDiscoverer({ url: zookeeperUrl, sessionTimeoutMs }) },
    // Missing in its types. A second by default, which every start and change would wait for.
    transit: { serviceChangedDebounceTime: 20 } as BrokerOptions["transit"],
    requestTimeout: 2000,
    logLevel: "fatal",
    metrics: true,
  };
}
