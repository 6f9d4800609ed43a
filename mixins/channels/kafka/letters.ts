import type { IHeaders, KafkaMessage, Message } from "kafkajs";
import { headerOf } from "./messages";
import type { Delivery } from "./batch-handler";

/** Headers by which a dead letter, and a replay of it, tell where the event came from. */
const TOPIC = "original_topic";
const PARTITION = "original_partition";
const OFFSET = "original_offset";
const ERROR = "error";
const FAILED_AT = "failed_at";
/** In a dead-letter topic: the letter at this offset was given to its group once more. */
const REPLAYED = "replayed_offset";

const LONGEST_ERROR = 2_000;

/** The topic that a message was published to: its own, or of a replay the one before it became a dead letter. */
export function originOf({ topic, message }: Delivery): string {
  return headerOf(message.headers, TOPIC) ?? topic;
}

/** What goes to the dead-letter topic: value, key and headers as they are, and beside them what happened. */
export function letterOf({ topic, partition, message }: Delivery, error: string): Message {
  const isReplay = headerOf(message.headers, TOPIC) !== undefined;
  const origin: IHeaders = isReplay ? {} : { [TOPIC]: topic, [PARTITION]: String(partition), [OFFSET]: message.offset };
  const failure = { [ERROR]: error.slice(0, LONGEST_ERROR), [FAILED_AT]: new Date().toISOString() };
  return { key: message.key, value: message.value, headers: { ...message.headers, ...origin, ...failure } };
}

/** A letter as its group gets it once more. */
export function replayOf({ key, value, headers }: KafkaMessage): Message {
  return { key, value, headers: headers ?? {} };
}

/** Says in the dead-letter topic that a letter is done with. */
export function replayedMark({ key, offset }: KafkaMessage): Message {
  return { key, value: null, headers: { [REPLAYED]: offset } };
}

export interface ReadLetter {
  topic: string;
  error: string;
  failed_at: string;
  message: KafkaMessage;
}

/** Letters of a dead-letter topic that nobody has replayed, in its order. */
export function openLetters(messages: readonly KafkaMessage[]): ReadLetter[] {
  const replayed = new Set(messages.map(({ headers }) => headerOf(headers, REPLAYED)));
  return messages
    .filter(({ headers, offset }) => headerOf(headers, REPLAYED) === undefined && !replayed.has(offset))
    .map((message) => ({
      topic: headerOf(message.headers, TOPIC) ?? "",
      error: headerOf(message.headers, ERROR) ?? "",
      failed_at: headerOf(message.headers, FAILED_AT) ?? "",
      message,
    }));
}
