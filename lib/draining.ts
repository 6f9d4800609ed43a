import type { ServiceBroker } from "moleculer";

/** On the local bus: this node stops, and begins nothing new. */
export const DRAINING = "$node.draining";

interface UnderWay {
  count: number;
}

const counters = new WeakMap<ServiceBroker, UnderWay>();

/** How much this node is working on, which comes to its end before the node stops. */
export function underWayOf(broker: ServiceBroker): UnderWay {
  const known = counters.get(broker) ?? { count: 0 };
  counters.set(broker, known);
  return known;
}
