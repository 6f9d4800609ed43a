import type { IHeaders, KafkaMessage, Message } from "kafkajs";
import type { OutboxEntry } from "../outbox";

/** The one header of an event: never a token, nor what else a caller brought. */
export const REQUEST_ID = "request_id";

export function messageOf({ event, key, request_id }: OutboxEntry): Message {
  return {
    key,
    value: JSON.stringify(event),
    ...(request_id === null ? {} : { headers: { [REQUEST_ID]: request_id } }),
  };
}

/** A header as text; of one that is there several times, the first. */
export function headerOf(headers: IHeaders | undefined, name: string): string | undefined {
  const value = [headers?.[name]].flat()[0];
  return value === undefined ? undefined : value.toString();
}

export function offsetOf({ offset }: Pick<KafkaMessage, "offset">): number {
  return Number(offset);
}
