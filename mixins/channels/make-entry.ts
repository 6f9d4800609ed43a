import type { ServiceContract } from "../../lib/contract";
import { newId } from "../../lib/ids";
import type { OutboxEntry } from "./outbox";

const VERSION = 1;

/**
 * What goes into the outbox for a fact.
 * @throws when the service's contract does not announce this topic, or its data is not what the contract says.
 */
export function makeEntry(
  contract: ServiceContract,
  topic: string,
  data: unknown,
  requestId: string | undefined,
  seq: number | undefined,
): OutboxEntry {
  const announced = Object.hasOwn(contract.events, topic) ? contract.events[topic] : undefined;
  if (announced === undefined)
    throw new Error(`The contract of ${contract.name} does not say that it publishes ${topic}.`);
  const checked = announced.data.parse(data);
  return {
    event: {
      event_id: newId(),
      type: topic,
      version: VERSION,
      occurred_at: new Date().toISOString(),
      aggregate_id: textOf(checked, announced.aggregate ?? announced.key, topic),
      data: checked,
    },
    key: textOf(checked, announced.key, topic),
    request_id: requestId ?? null,
    ...(seq === undefined ? {} : { seq }),
  };
}

function textOf(data: Record<string, unknown>, field: string, topic: string): string {
  const value = data[field];
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new Error(`${topic} has no ${field}, by which its order is kept.`);
}
