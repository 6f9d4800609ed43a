import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../postgres/log";
import { Complaints } from "../complaints";
import { pauseAfter } from "../judge";
import { PARTITIONS_AT_ONCE } from "./batch-handler";

const SESSION_MS = 10_000;
const HEARTBEAT_MS = 2_000;
/** A rebalance, fetch and stop wait for the fetch that is on its way. */
const FETCH_MS = 100;
/** Without a sign of the broker for so long a consumer is not running. */
const SILENT_MS = 15_000;
/** kafkajs' consumer can die without a word: longer than a rebalance may take. */
const DEAD_MS = 90_000;
const LOOK_EVERY_MS = 1_000;
/** What is left of a node's thirty seconds to stop, less those of its calls and its relays. */
const STOP_MS = 10_000;

export interface GroupConsumerOptions {
  kafka: Kafka;
  groupId: string;
  /** Resolves with the topics to read, once they are there. */
  topics: () => Promise<string[]>;
  handle: (payload: EachBatchPayload) => Promise<void>;
  /** Its partitions were given out anew. */
  onJoin: () => void;
  log: Log;
}

/** One member of a consumer group. After a crash it is made anew, without end, after pauses that grow. */
export class GroupConsumer {
  private isJoined = false;
  private isStopping = false;
  private lastSignMs = 0;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private readonly complaints: Complaints;

  constructor(private readonly options: GroupConsumerOptions) {
    this.complaints = new Complaints(options.log);
  }

  start(): void {
    this.loop ??= this.run();
  }

  /** Member of its group, and in touch with a broker. */
  get isRunning(): boolean {
    return this.isJoined && performance.now() - this.lastSignMs < SILENT_MS;
  }

  /** Finishes and commits what was begun, and leaves the group. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.stopping.abort();
    const late = new AbortController();
    const patience = sleep(STOP_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([this.loop, patience]);
    late.abort();
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.isStopping; failures++) {
      const consumer = this.open();
      try {
        await this.live(consumer);
      } catch (error) {
        if (this.isJoined) failures = 0;
        if (!this.isStopping)
          this.complaints.warn(`The consumer of ${this.options.groupId} is made anew after:`, error);
      }
      this.isJoined = false;
      await consumer.disconnect().catch(() => undefined);
      if (!this.isStopping)
        await sleep(pauseAfter(failures), undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private open(): Consumer {
    return this.options.kafka.consumer({
      groupId: this.options.groupId,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: FETCH_MS,
      allowAutoTopicCreation: false,
      // One way back from a crash, ours: kafkajs' own passes over what it thinks is final.
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 6, restartOnFailure: async () => false },
    });
  }

  /** Until it is told to stop. @throws when it crashed or fell silent. */
  private async live(consumer: Consumer): Promise<void> {
    let crash: { error: Error } | undefined;
    const ended = new AbortController();
    const { CRASH, GROUP_JOIN, HEARTBEAT } = consumer.events;
    const sign = (): void => void (this.lastSignMs = performance.now());
    consumer.on(CRASH, ({ payload }) => {
      crash = { error: payload.error };
      ended.abort();
    });
    consumer.on(GROUP_JOIN, () => {
      sign();
      this.options.onJoin();
      this.isJoined = true;
    });
    // Not FETCH: it comes too when the broker was not there.
    consumer.on(HEARTBEAT, sign);

    const topics = await this.options.topics();
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: this.options.handle,
    });
    sign();
    const either = AbortSignal.any([ended.signal, this.stopping.signal]);
    while (!either.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: either }).catch(() => undefined);
      if (performance.now() - this.lastSignMs > DEAD_MS) throw new Error("The consumer fell silent.");
    }
    if (crash) throw crash.error;
  }
}
