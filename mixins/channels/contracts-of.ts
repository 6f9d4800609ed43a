import type { ServiceBroker } from "moleculer";
import type { EventContract, ServiceContract } from "../../lib/contract";
import { contracts as catalogue } from "../../services/contracts";

const attached = new WeakMap<ServiceBroker, readonly ServiceContract[]>();

/** Narrows, or replaces, what this broker takes for the whole house: groups of services that are not in it get no events. */
export function attachContracts(broker: ServiceBroker, contracts: readonly ServiceContract[]): void {
  attached.set(broker, contracts);
}

export function contractsOf(broker: ServiceBroker): readonly ServiceContract[] {
  return attached.get(broker) ?? catalogue;
}

export function contractOf(broker: ServiceBroker, service: string): ServiceContract {
  const contract = contractsOf(broker).find(({ name }) => name === service);
  if (contract === undefined) throw new Error(`${service} publishes or consumes, and stands in no contract.`);
  return contract;
}

/** What an event of this topic holds; also of publishers that this broker does not count in. */
export function eventContractOf(broker: ServiceBroker, topic: string): EventContract | undefined {
  for (const { events } of [...contractsOf(broker), ...catalogue] as readonly ServiceContract[]) {
    const event = Object.hasOwn(events, topic) ? events[topic] : undefined;
    if (event !== undefined) return event;
  }
  return undefined;
}

/** A consumer group and the service whose handlers it runs. */
export interface Subscription {
  service: string;
  group: string;
}

/** By topic, from the contracts and not from who is up: an event waits for a group whose nodes are all down. */
export function subscriptionsOf(broker: ServiceBroker): Map<string, Subscription[]> {
  const byTopic = new Map<string, Subscription[]>();
  for (const { name, consumes } of contractsOf(broker)) {
    for (const [topic, group] of Object.entries(consumes)) {
      const subscriptions = byTopic.get(topic) ?? [];
      subscriptions.push({ service: name, group });
      byTopic.set(topic, subscriptions);
    }
  }
  return byTopic;
}
