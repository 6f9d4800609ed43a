import type { ServiceBroker } from "moleculer";
import type { Backlog } from "./channels";
import type { Delivery } from "./delivery";
import { DirectTransport } from "./direct-transport";

/** Events wait in their outboxes alone; each `receive` is called by whoever holds one. */
export class DirectDelivery implements Delivery {
  readonly transport: DirectTransport;

  constructor(broker: ServiceBroker) {
    this.transport = new DirectTransport(broker);
  }

  hint(): void {
    // Everybody hears it by Moleculer's own event.
  }

  start(): void {
    // Moleculer lets calls in by itself.
  }

  async stopReceiving(): Promise<void> {
    // And waits for those that are under way.
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  async backlog(): Promise<Backlog> {
    return { waiting: 0, written: 0 };
  }
}
