import type { Kafka } from "kafkajs";
import type { Service } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import { configOf } from "../../../lib/config";
import type { ServiceContract } from "../../../lib/contract";
import { addReadinessCheck } from "../../readiness";
import type { Backlog } from "../channels";
import { contractsOf } from "../contracts-of";
import type { Delivery } from "../delivery";
import type { OutboxEntry } from "../outbox";
import { pauseAfter } from "../judge";
import { RECEIVE_TIMEOUT_MS } from "../receive";
import { openKafka } from "./client";
import { Group, type Received } from "./group";
import { HintSender } from "./hint-sender";
import { KafkaTransport } from "./kafka-transport";
import { KafkaNames } from "./names";
import { PartitionLanes } from "./partition-lanes";
import { Partitioning } from "./partitioning";
import { SafeProducer } from "./safe-producer";
import { ensureTopics, topicsOf } from "./topics";
import { withAdmin } from "./with-admin";

const MEASURE_EVERY_MS = 10_000;
/** A row waits so long for Kafka to be there, and then in its outbox. */
const PATIENCE_MS = 3_000;

type Receive = (received: Received, options: object) => Promise<void>;

/** A service's way to and from Kafka: one producer, and a consumer for each of its groups. */
export class KafkaBridge implements Delivery {
  readonly transport: KafkaTransport;
  private readonly hints: HintSender;
  private readonly kafka: Kafka;
  private readonly names: KafkaNames;
  private readonly producer: SafeProducer;
  private readonly groups: Group[];
  private readonly stopping = new AbortController();
  private opening: Promise<Partitioning> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly service: Service,
    contract: ServiceContract,
  ) {
    const { broker, name, logger } = service;
    const config = configOf(broker);
    this.kafka = openKafka(config, `emulsion-${name}`, broker.getLogger("kafka"));
    this.names = new KafkaNames(config.namespace);
    this.producer = new SafeProducer(this.kafka);
    const lanes = new PartitionLanes(this.producer);
    this.transport = new KafkaTransport(lanes, this.names, () => this.openedSoon());
    this.hints = new HintSender(lanes, this.names, () => this.openedSoon());
    this.groups = [...topicsByGroup(contract)].map(
      ([group, topics]) =>
        new Group({
          kafka: this.kafka,
          broker,
          names: this.names,
          group,
          topics,
          lanes,
          opened: () => this.opened(),
          receive: (received, requestId) => this.receive(received, requestId),
          log: logger,
        }),
    );
    addReadinessCheck(broker, `kafka_${name}`, () => this.check());
  }

  hint(make: () => OutboxEntry): void {
    this.hints.send(make());
  }

  start(): void {
    for (const group of this.groups) group.start();
    this.timer = setInterval(() => {
      this.backlog().catch((error: unknown) => this.service.logger.warn("Lag cannot be measured:", error));
    }, MEASURE_EVERY_MS).unref();
  }

  async stopReceiving(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await Promise.all(this.groups.map((group) => group.stop()));
  }

  close(): Promise<void> {
    return this.producer.close();
  }

  async backlog(): Promise<Backlog> {
    if (this.groups.length === 0) return { waiting: 0, written: 0 };
    await this.opened();
    const lags = await withAdmin(this.kafka, (admin) => Promise.all(this.groups.map((group) => group.lag(admin))));
    const sum = (of: "waiting" | "written"): number => lags.flat().reduce((total, lag) => total + lag[of], 0);
    return { waiting: sum("waiting"), written: sum("written") };
  }

  private async check(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    for (const group of this.groups) group.assertRunning();
    await this.producer.connect();
  }

  /** Resolves when every topic is there, tried without end. */
  private opened(): Promise<Partitioning> {
    return (this.opening ??= this.open());
  }

  private async open(): Promise<Partitioning> {
    const { broker, logger } = this.service;
    const topics = topicsOf(contractsOf(broker), this.names, configOf(broker));
    for (let failures = 0; ; failures++) {
      try {
        return await withAdmin(this.kafka, async (admin) => {
          await ensureTopics(admin, topics);
          return Partitioning.read(
            admin,
            topics.map(({ topic }) => topic),
          );
        });
      } catch (error) {
        if (failures === 0) logger.warn("Kafka is not ready; events wait:", error);
        await sleep(pauseAfter(failures), undefined, { signal: this.stopping.signal });
      }
    }
  }

  private async openedSoon(): Promise<Partitioning> {
    const settled = new AbortController();
    const late = sleep(PATIENCE_MS, undefined, { signal: settled.signal }).then(() => {
      throw new Error("its topics are not there yet");
    });
    try {
      return await Promise.race([this.opened(), late]);
    } finally {
      settled.abort();
      late.catch(() => undefined);
    }
  }

  /** The handler of this very process: another node's call would end elsewhere than the offset is committed. */
  private async receive(received: Received, requestId: string | undefined): Promise<void> {
    const { receive } = this.service.actions as unknown as { receive: Receive };
    await receive(received, {
      timeout: RECEIVE_TIMEOUT_MS,
      // Or the service would wait for it before it tells us to begin nothing more. We wait for it ourselves.
      tracking: false,
      ...(requestId === undefined ? {} : { requestID: requestId }),
    });
  }
}

function topicsByGroup({ consumes }: ServiceContract): Map<string, string[]> {
  const byGroup = new Map<string, string[]>();
  for (const [topic, group] of Object.entries(consumes)) byGroup.set(group, [...(byGroup.get(group) ?? []), topic]);
  return byGroup;
}
