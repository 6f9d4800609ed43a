import type { EventContract, ServiceContract } from "../../lib/contract";
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
  const announced = announcedBy(contract, topic);
  const checked = announced.data.parse(data);
  const aggregateId = textOf(checked, announced.aggregate ?? announced.key, topic);
  const entry = entryOf(topic, aggregateId, textOf(checked, announced.key, topic), checked, requestId);
  return seq === undefined ? entry : { ...entry, seq };
}

/** The same for a hint, which is about its key. */
export function makeHint(
  contract: ServiceContract,
  topic: string,
  key: string,
  data: unknown,
  requestId: string | undefined,
): OutboxEntry {
  return entryOf(topic, key, key, announcedBy(contract, topic).data.parse(data), requestId);
}

function announcedBy(contract: ServiceContract, topic: string): EventContract {
  const announced = Object.hasOwn(contract.events, topic) ? contract.events[topic] : undefined;
  if (announced !== undefined) return announced;
  throw new Error(`The contract of ${contract.name} does not say that it publishes ${topic}.`);
}

function entryOf(
  type: string,
  aggregate_id: string,
  key: string,
  data: Record<string, unknown>,
  requestId: string | undefined,
): OutboxEntry {
  const occurred_at = new Date().toISOString();
  const event = { event_id: newId(), type, version: VERSION, occurred_at, aggregate_id, data };
  return { event, key, request_id: requestId ?? null };
}

function textOf(data: Record<string, unknown>, field: string, topic: string): string {
  const value = data[field];
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new Error(`${topic} has no ${field}, by which its order is kept.`);
}
