import type { ServiceBroker } from "moleculer";
import type { Viewer } from "./contract";

/**
 * The newest page of somebody's feed as bytes of JSON: at once, or after what it takes to see whether it still holds. Undefined
 * where the action has to be called.
 */
export type WarmFeed = (
  viewer: Viewer,
  limit: number,
  requestId: string,
) => Buffer | undefined | Promise<Buffer | undefined>;

const offers = new WeakMap<ServiceBroker, WarmFeed>();

/** What newsfeed offers to a gateway of the same process, which a call would cost more than all the rest. */
export function offerWarmFeed(broker: ServiceBroker, feed: WarmFeed | undefined): void {
  if (feed === undefined) offers.delete(broker);
  else offers.set(broker, feed);
}

export function warmFeedOf(broker: ServiceBroker): WarmFeed | undefined {
  return offers.get(broker);
}
