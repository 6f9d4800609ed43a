import type { EachBatchPayload, KafkaMessage } from "kafkajs";
import { setTimeout as sleep } from "node:timers/promises";
import { failpoint } from "../../failpoint";
import { kindOfFailure } from "../bad-message";
import { describe, isGivenUp, pauseAfter } from "../judge";
import { offsetOf } from "./messages";
import { PartitionProgress } from "./partition-progress";

/** Keys of one batch that are handled at once. */
const KEYS_AT_ONCE = 8;
/** Partitions at once; with the keys of each that is the most of a group on one node. */
export const PARTITIONS_AT_ONCE = 4;
const COMMIT_EVERY_MS = 1_000;

/** A message and where it stands. */
export interface Fetched {
  topic: string;
  partition: number;
  message: KafkaMessage;
}

export interface BatchHandlerOptions {
  /** Resolves when the effect is stored. */
  deliver: (fetched: Fetched) => Promise<void>;
  /** Resolves when Kafka has the dead letter. */
  bury: (fetched: Fetched, error: string) => Promise<void>;
  onFailure: (fetched: Fetched, error: unknown) => void;
  /** Then nothing more is begun. */
  isStopping: () => boolean;
}

/** Handles what a group fetches: each key's messages in order, several keys at once, and commits nothing that is unfinished. */
export class BatchHandler {
  private readonly partitions = new Map<string, PartitionProgress>();
  private readonly resumes = new Set<NodeJS.Timeout>();

  constructor(private readonly options: BatchHandlerOptions) {}

  /** Partitions were given out anew: others may have gone on from what was committed. */
  forget(): void {
    this.partitions.clear();
  }

  stop(): void {
    for (const timer of this.resumes) clearTimeout(timer);
    this.resumes.clear();
  }

  async handle(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const place = `${batch.topic}:${batch.partition}`;
    const progress = this.partitions.get(place) ?? new PartitionProgress();
    this.partitions.set(place, progress);
    const isComplete = await new Turn(payload, progress, this.options).run();
    if (!isComplete && payload.isRunning()) this.pause(payload, pauseAfter(progress.failedRounds));
    progress.failedRounds = isComplete ? 0 : progress.failedRounds + 1;
  }

  /** Afterwards the partition is fetched again from its first unfinished message. */
  private pause(payload: EachBatchPayload, pauseMs: number): void {
    const resume = payload.pause();
    const timer = setTimeout(() => {
      this.resumes.delete(timer);
      resume();
    }, pauseMs);
    this.resumes.add(timer);
  }
}

/** One batch. */
class Turn {
  private readonly offsets: number[];
  private committed = 0;
  /** No further message is begun. */
  private isHalted = false;

  constructor(
    private readonly payload: EachBatchPayload,
    private readonly progress: PartitionProgress,
    private readonly options: BatchHandlerOptions,
  ) {
    this.offsets = payload.batch.messages.map(offsetOf);
  }

  /**
   * True when every message is finished.
   * @throws when the group takes the partition away, after what had begun has ended and was committed if possible.
   */
  async run(): Promise<boolean> {
    const ended = new AbortController();
    const beating = this.beat(ended.signal);
    const lines = [...byKey(this.payload.batch.messages)];
    const worker = async (): Promise<void> => {
      for (let line = lines.shift(); line !== undefined; line = lines.shift()) await this.handleLine(line);
    };
    await Promise.all(Array.from({ length: KEYS_AT_ONCE }, worker));
    ended.abort();
    const loss = await beating;
    await this.commit().catch((error: unknown) => {
      throw loss?.error ?? error;
    });
    if (loss) throw loss.error;
    const isComplete = this.committed === this.offsets.length;
    this.progress.forget(this.offsets.slice(0, this.committed));
    return isComplete;
  }

  private async handleLine(messages: readonly KafkaMessage[]): Promise<void> {
    for (const message of messages) {
      if (this.isHalted || this.options.isStopping() || !this.payload.isRunning() || this.payload.isStale()) return;
      if (this.progress.isFinished(offsetOf(message))) continue;
      if (!(await this.handleOne(message))) return;
      this.progress.finish(offsetOf(message));
    }
  }

  /** False where it is to be tried again, and nothing of its key before it. */
  private async handleOne(message: KafkaMessage): Promise<boolean> {
    const { topic, partition } = this.payload.batch;
    const fetched: Fetched = { topic, partition, message };
    try {
      await this.options.deliver(fetched);
      return true;
    } catch (error) {
      const kind = kindOfFailure(error);
      // What is down says nothing about the message, and will fail the next ones too.
      if (kind === "down") this.isHalted = true;
      else if (isGivenUp(kind, this.progress.addFault(offsetOf(message)))) return this.bury(fetched, error);
      this.options.onFailure(fetched, error);
      return false;
    }
  }

  private async bury(fetched: Fetched, reason: unknown): Promise<boolean> {
    try {
      await this.options.bury(fetched, describe(reason));
      return true;
    } catch (error) {
      this.isHalted = true;
      this.options.onFailure(fetched, error);
      return false;
    }
  }

  /** Keeps the group's membership and commits while handlers work. Answers why it could not. */
  private async beat(ended: AbortSignal): Promise<{ error: unknown } | undefined> {
    try {
      while (await sleep(COMMIT_EVERY_MS, true, { signal: ended }).catch(() => false)) {
        await this.commit();
        await this.payload.heartbeat();
      }
      return undefined;
    } catch (error) {
      this.isHalted = true;
      return { error };
    }
  }

  private async commit(): Promise<void> {
    const count = this.progress.countFinished(this.offsets);
    if (count === this.committed) return;
    const { batch } = this.payload;
    const last = this.offsets[count - 1]!;
    this.payload.resolveOffset(String(last));
    // Behind the last message there may be marks of transactions, which are no messages.
    const next = count === this.offsets.length ? BigInt(batch.lastOffset()) + 1n : BigInt(last) + 1n;
    await failpoint("kafka.before-commit");
    const partitions = [{ partition: batch.partition, offset: String(next) }];
    await this.payload.commitOffsetsIfNecessary({ topics: [{ topic: batch.topic, partitions }] });
    this.committed = count;
  }
}

/** In the order of the partition; messages without a key have none among themselves. */
function byKey(messages: readonly KafkaMessage[]): Iterable<KafkaMessage[]> {
  const lines = new Map<string, KafkaMessage[]>();
  for (const message of messages) {
    const key = message.key === null ? `offset ${message.offset}` : `key ${message.key.toString("base64")}`;
    const line = lines.get(key);
    if (line) line.push(message);
    else lines.set(key, [message]);
  }
  return lines.values();
}
