import type { Admin, Kafka } from "kafkajs";
import type { ServiceBroker } from "moleculer";
import type { Log } from "../../postgres/log";
import { BadMessageError } from "../bad-message";
import { Complaints } from "../complaints";
import { BatchHandler, type Fetched } from "./batch-handler";
import { GroupConsumer } from "./group-consumer";
import { GroupMetrics } from "./group-metrics";
import { lagOf, type TopicLag } from "./lag";
import { letterOf, originOfReplay } from "./letters";
import { headerOf, REQUEST_ID } from "./messages";
import type { KafkaNames } from "./names";
import type { PartitionLanes } from "./partition-lanes";

/** What a service's `receive` is given. */
export interface Received {
  topic: string;
  group: string;
  event: unknown;
}

export interface GroupOptions {
  kafka: Kafka;
  broker: ServiceBroker;
  names: KafkaNames;
  group: string;
  /** As the contract names them. */
  topics: readonly string[];
  lanes: PartitionLanes;
  /** Resolves when all topics are there. */
  opened: () => Promise<unknown>;
  receive: (received: Received, requestId: string | undefined) => Promise<void>;
  log: Log;
}

/** One consumer group of a service on this node: what it reads, how it handles that, and what it gave up. */
export class Group {
  private readonly handler: BatchHandler;
  private readonly consumer: GroupConsumer;
  private readonly metrics: GroupMetrics;
  private readonly topics: string[];
  private readonly id: string;

  constructor(private readonly options: GroupOptions) {
    const { kafka, broker, names, group, log } = options;
    this.id = names.group(group);
    this.topics = [...options.topics.map((topic) => names.topic(topic)), names.replays(group)];
    const complaints = new Complaints(log);
    this.metrics = new GroupMetrics(broker, group);
    this.handler = new BatchHandler({
      deliver: (fetched) => this.deliver(fetched),
      bury: (fetched, error) => this.bury(fetched, error),
      // The broker lets what it serves drain before it stops us.
      isStopping: () => !broker.started,
      onFailure: (fetched, error) =>
        complaints.warn(`${placeOf(fetched)} failed in ${group} and is tried again:`, error),
    });
    this.consumer = new GroupConsumer({
      kafka,
      groupId: this.id,
      topics: async () => {
        await options.opened();
        return this.topics;
      },
      handle: (payload) => this.handler.handle(payload),
      onJoin: () => this.handler.forget(),
      log,
    });
  }

  start(): void {
    this.consumer.start();
  }

  async stop(): Promise<void> {
    await this.consumer.stop();
    this.handler.stop();
  }

  /** @throws while it reads nothing. */
  assertRunning(): void {
    if (!this.consumer.isRunning) throw new Error(`The consumer of ${this.id} is not running.`);
  }

  async lag(admin: Admin): Promise<TopicLag[]> {
    const lags = await lagOf(admin, this.id, this.topics);
    this.metrics.show(lags.map((lag) => ({ ...lag, topic: this.options.names.bare(lag.topic) })));
    return lags;
  }

  private async deliver(fetched: Fetched): Promise<void> {
    const topic = this.topicOf(fetched);
    if (!this.options.topics.includes(topic))
      throw new BadMessageError("This is a replay of no topic that is read here.");
    const { value, headers } = fetched.message;
    const event = parsed(value);
    await this.options.receive({ topic, group: this.options.group, event }, headerOf(headers, REQUEST_ID));
    this.metrics.countConsumed(topic);
  }

  private async bury(fetched: Fetched, error: string): Promise<void> {
    const { names, group, lanes, log } = this.options;
    await lanes.send(names.deadLetters(group), 0, [letterOf(fetched, this.isReplay(fetched), error)]);
    log.error(`${placeOf(fetched)} is a dead letter of ${group}: ${error}`);
    this.metrics.countDead(this.topicOf(fetched));
  }

  /** As the contract names it. */
  private topicOf(fetched: Fetched): string {
    return this.options.names.bare(this.isReplay(fetched) ? originOfReplay(fetched) : fetched.topic);
  }

  private isReplay({ topic }: Fetched): boolean {
    return topic === this.options.names.replays(this.options.group);
  }
}

function parsed(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? "");
  } catch {
    throw new BadMessageError("This message is no JSON.");
  }
}

function placeOf({ topic, partition, message }: Fetched): string {
  return `Message ${message.offset} of ${topic}/${partition}`;
}
