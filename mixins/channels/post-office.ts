import type { Service } from "moleculer";
import type { DomainEvent, ServiceContract } from "../../lib/contract";
import { currentRequestId } from "../../lib/request-id";
import { configOf } from "../../lib/config";
import type { Backlog, Channels } from "./channels";
import { subscriptionsOf } from "./contracts-of";
import type { DeadLetterEntry, DeadLetterFilter } from "./dead-letter-box";
import type { Delivery } from "./delivery";
import { DirectDelivery } from "./direct-delivery";
import { KafkaBridge } from "./kafka/bridge";
import { makeEntry, makeHint } from "./make-entry";
import type { AnyTransaction, Home, Outbox, OutboxEntry, OutboxState, Settlement, StoredLetter } from "./outbox";
import { failpoint } from "../failpoint";
import { OutboxMetrics } from "./outbox-metrics";
import { Relay } from "./relay";

const MEASURE_EVERY_MS = 10_000;
const FORGET_EVERY_MS = 3_600_000;
const REMEMBER_DAYS = 14;

/** By way of Kafka where there is one. */
function deliveryFor(service: Service, contract: ServiceContract): Delivery {
  const hasKafka = configOf(service.broker).kafkaBrokers.length > 0;
  return hasKafka ? new KafkaBridge(service, contract) : new DirectDelivery(service.broker);
}

/** All that one service's channels keep while it runs: its home if it has one, a relay for each outbox, and the sweepers. */
export class PostOffice implements Channels {
  private readonly relays: Relay[];
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly metrics: OutboxMetrics;
  private readonly delivery: Delivery;
  private readonly atStart = (): void => this.run();

  constructor(
    private readonly service: Service,
    private readonly contract: ServiceContract,
    private readonly home: Home | undefined,
  ) {
    const { broker, logger } = service;
    this.metrics = new OutboxMetrics(broker, service.name);
    this.delivery = deliveryFor(service, contract);
    const { transport } = this.delivery;
    const shared = {
      log: logger,
      isLeaving: () => !broker.started,
      onSettled: (settlement: Settlement) => this.tell(settlement),
    };
    this.relays = this.outboxes.map((outbox) => new Relay({ outbox, transport, ...shared }));
  }

  private get outboxes(): readonly Outbox[] {
    return this.home?.outboxes ?? [];
  }

  /** Events go out and come in when every service of this node is there, or what a crash left would find nobody. */
  start(): void {
    const { broker } = this.service;
    if (broker.started) this.run();
    else broker.localBus.once("$broker.started", this.atStart);
  }

  /** Handles what has come, and takes in nothing more. */
  async stopReceiving(): Promise<void> {
    this.service.broker.localBus.off("$broker.started", this.atStart);
    await this.delivery.stopReceiving();
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.relays.map((relay) => relay.stop()));
    await this.delivery.close();
  }

  async publish(tx: AnyTransaction, topic: string, data: unknown, options?: { seq?: number }): Promise<void> {
    await this.write(tx, [makeEntry(this.contract, topic, data, currentRequestId(), options?.seq)]);
  }

  async publishMany(tx: AnyTransaction, topic: string, data: readonly unknown[]): Promise<void> {
    if (data.length === 0) return;
    const entries = data.map((one) => makeEntry(this.contract, topic, one, currentRequestId(), undefined));
    await this.write(tx, entries);
  }

  private async write(tx: AnyTransaction, entries: readonly OutboxEntry[]): Promise<void> {
    await this.homeOrThrow().write(tx, entries);
    tx.afterCommit(() => {
      // Which shard the transaction is on only its relay will see; waking costs the others one short query.
      for (const relay of this.relays) relay.wake();
    });
    await failpoint("outbox.before-commit");
  }

  hint(topic: string, key: string | number, data: unknown): void {
    const { broker, logger } = this.service;
    const requestId = currentRequestId();
    // Checking thousands of ids costs: only where somebody outside of the house may read them.
    this.delivery.hint(() => makeHint(this.contract, topic, String(key), data, requestId));
    // Where NATS shares calls out and nobody listens, Moleculer answers undefined and no promise.
    const spread = async (): Promise<void> => void (await broker.broadcast(topic, data as object));
    spread().catch((error: unknown) => logger.debug(`A hint of ${topic} was lost:`, error));
  }

  once(tx: AnyTransaction, event: DomainEvent<unknown>, consumer: string): Promise<boolean> {
    return this.homeOrThrow().mark(tx, consumer, event.event_id);
  }

  async drainOutbox(): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay.drain()));
  }

  /** Of all shards together. */
  async outboxState(): Promise<OutboxState> {
    const states = await Promise.all(this.outboxes.map((outbox) => outbox.state()));
    return {
      unsent: states.reduce((sum, { unsent }) => sum + unsent, 0),
      oldest_seconds: Math.max(0, ...states.map(({ oldest_seconds }) => oldest_seconds)),
      dead: states.reduce((sum, { dead }) => sum + dead, 0),
    };
  }

  async deadLetters(filter: DeadLetterFilter): Promise<DeadLetterEntry[]> {
    return (await this.letters(filter)).map(({ letter }) => entryOf(letter));
  }

  async replayDeadLetters(filter: DeadLetterFilter): Promise<DeadLetterEntry[]> {
    const subscriptions = subscriptionsOf(this.service.broker);
    const given: DeadLetterEntry[] = [];
    for (const { outbox, letter } of await this.letters(filter)) {
      const groups = (subscriptions.get(letter.event.type) ?? []).map(({ group }) => group);
      // Kafka itself may have refused it: then nobody has it.
      const others = groups.includes(letter.group) ? groups.filter((group) => group !== letter.group) : [];
      if (await outbox.giveBack(letter, others)) given.push(entryOf(letter));
    }
    for (const relay of this.relays) relay.wake();
    return given;
  }

  private async letters(filter: DeadLetterFilter): Promise<{ outbox: Outbox; letter: StoredLetter }[]> {
    const found = await Promise.all(
      this.outboxes.map(async (outbox) => (await outbox.letters(filter)).map((letter) => ({ outbox, letter }))),
    );
    const oldestFirst = found.flat().sort((a, b) => a.letter.failed_at.localeCompare(b.letter.failed_at));
    return oldestFirst.slice(0, filter.limit);
  }

  backlog(): Promise<Backlog> {
    return this.delivery.backlog();
  }

  private run(): void {
    this.delivery.start();
    for (const relay of this.relays) relay.start();
    const { home } = this;
    if (home === undefined) return;
    this.every(MEASURE_EVERY_MS, async () => this.metrics.show(await this.outboxState()));
    this.every(FORGET_EVERY_MS, () => home.forgetMarks(REMEMBER_DAYS));
  }

  private homeOrThrow(): Home {
    if (this.home === undefined) throw new Error(`${this.service.name} keeps no outbox.`);
    return this.home;
  }

  private every(pauseMs: number, work: () => Promise<void>): void {
    const timer = setInterval(() => {
      work().catch((error: unknown) => this.service.logger.warn("A sweep of the events failed:", error));
    }, pauseMs);
    this.timers.push(timer.unref());
  }

  private tell(settlement: Settlement): void {
    const { broker, logger } = this.service;
    for (const { row, group, error } of settlement.dead)
      logger.error(`${row.event.type} ${row.event.event_id} is a dead letter of ${group}: ${error}`);
    this.metrics.count(settlement);
    for (const { event } of settlement.sent) void broker.broadcastLocal("$outbox.sent", { event });
  }
}

function entryOf({ event, group, key, error, failed_at }: StoredLetter): DeadLetterEntry {
  return { group, topic: event.type, key, value: JSON.stringify(event), error, failed_at };
}
