import type { ServiceBroker } from "moleculer";
import type { ServiceContract } from "../../lib/contract";
import { contracts } from "../../services/contracts";

const attached = new WeakMap<ServiceBroker, readonly ServiceContract[]>();

/** Narrows whom events are delivered to: a test delivers only to the services that it loads. */
export function attachContracts(broker: ServiceBroker, these: readonly ServiceContract[]): void {
  attached.set(broker, these);
}

/** The contracts that say which groups an event has: all of the house, whoever is up. */
export function contractsOf(broker: ServiceBroker): readonly ServiceContract[] {
  return attached.get(broker) ?? contracts;
}
