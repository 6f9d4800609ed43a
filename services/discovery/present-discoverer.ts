import type { ServiceBroker } from "moleculer";
import { ZooKeeperDiscoverer } from "../../plugins/zookeeper-discoverer";

interface PresentDiscoverer {
  discoverer: "in_process" | "heartbeats" | "zookeeper";
  is_zookeeper_connected: boolean | null;
}

/** How this node knows of the others; one that has no transporter knows none. */
export function presentDiscoverer({ transit, registry }: ServiceBroker): PresentDiscoverer {
  if (!transit) return { discoverer: "in_process", is_zookeeper_connected: null };
  if (!(registry.discoverer instanceof ZooKeeperDiscoverer))
    return { discoverer: "heartbeats", is_zookeeper_connected: null };
  return { discoverer: "zookeeper", is_zookeeper_connected: registry.discoverer.isConnected };
}
