import type { IHeaders, KafkaMessage, Message } from "kafkajs";
import { headerOf } from "./messages";
import type { Fetched } from "./batch-handler";

/** Headers by which a dead letter, and a replay of it, tell where the event came from. */
const TOPIC = "original_topic";
const PARTITION = "original_partition";
const OFFSET = "original_offset";
const ERROR = "error";
const FAILED_AT = "failed_at";
/** In a dead-letter topic: the letter at this offset was given to its group once more. */
const REPLAYED = "replayed_offset";

const LONGEST_ERROR = 2_000;

/** The topic that a replay was published to before it became a dead letter. Elsewhere this header is a stranger's. */
export function originOfReplay({ message }: Fetched): string {
  return headerOf(message.headers, TOPIC) ?? "";
}

/** What goes to the dead-letter topic: value, key and headers as they are, and beside them what happened. */
export function letterOf({ topic, partition, message }: Fetched, isReplay: boolean, error: string): Message {
  const { [REPLAYED]: _, ...headers } = message.headers ?? {};
  const origin: IHeaders = isReplay ? {} : { [TOPIC]: topic, [PARTITION]: String(partition), [OFFSET]: message.offset };
  const failure = { [ERROR]: error.slice(0, LONGEST_ERROR), [FAILED_AT]: new Date().toISOString() };
  return { key: message.key, value: message.value, headers: { ...headers, ...origin, ...failure } };
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
