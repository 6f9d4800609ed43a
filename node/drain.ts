import type { Context, Middleware, ServiceBroker } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import { DRAINING, underWayOf } from "../lib/draining";

/** With what comes before and after (telling the others, closing the stores) a node is gone within 30 s. */
const LONGEST_MS = 15_000;
const LOOK_EVERY_MS = 20;

/**
 * A node that stops lets what is under way come to its end before any of its services stops: one that has nothing to do itself may
 * still be asked by another. The other nodes know by then, and send it nothing more.
 */
export function drain(): Middleware {
  let underWay = { count: 0 };
  const counted = (handler: (ctx: Context) => unknown) => async (ctx: Context) => {
    underWay.count += 1;
    try {
      return await handler(ctx);
    } finally {
      underWay.count -= 1;
    }
  };
  return {
    name: "Drain",
    localAction: counted,
    localEvent: counted as Middleware["localEvent"],
    created(broker: ServiceBroker) {
      underWay = underWayOf(broker);
    },
    async stopping(broker: ServiceBroker) {
      broker.localBus.emit(DRAINING);
      const deadline = Date.now() + LONGEST_MS;
      while (underWay.count + streamsOf(broker) > 0 && Date.now() < deadline) await sleep(LOOK_EVERY_MS);
      if (underWay.count > 0)
        broker.logger.warn(`${underWay.count} calls were still under way when this node stopped.`);
    },
  };
}

/** Answers that are streams are still being read when their call is done. */
function streamsOf(broker: ServiceBroker): number {
  return (broker.transit?.tx as { openStreams?: number } | undefined)?.openStreams ?? 0;
}
