import type { Service } from "moleculer";
import type { DomainEvent, ServiceContract } from "../../lib/contract";
import { currentRequestId } from "../../lib/request-id";
import type { Channels } from "./channels";
import { DirectTransport } from "./direct-transport";
import { makeEntry } from "./make-entry";
import type { AnyTransaction, Home, OutboxEntry, OutboxState, Settlement } from "./outbox";
import { failpoint } from "../failpoint";
import { OutboxMetrics } from "./outbox-metrics";
import { Relay } from "./relay";

const MEASURE_EVERY_MS = 10_000;
const FORGET_EVERY_MS = 3_600_000;
const REMEMBER_DAYS = 14;

/** All that one service's channels keep while it runs: its home, a relay for each outbox, and the sweepers. */
export class PostOffice implements Channels {
  private readonly relays: Relay[];
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly metrics: OutboxMetrics;
  private readonly atStart = (): void => this.run();

  constructor(
    private readonly service: Service,
    private readonly contract: ServiceContract,
    private readonly home: Home,
  ) {
    const { broker, logger } = service;
    this.metrics = new OutboxMetrics(broker, service.name);
    const transport = new DirectTransport(broker);
    const onSettled = (settlement: Settlement): void => this.tell(settlement);
    this.relays = home.outboxes.map((outbox) => new Relay({ outbox, transport, log: logger, onSettled }));
  }

  /** Relays begin when every service of this node is there, or what a crash left would find nobody. */
  start(): void {
    const { broker } = this.service;
    if (broker.started) this.run();
    else broker.localBus.once("$broker.started", this.atStart);
  }

  async stop(): Promise<void> {
    this.service.broker.localBus.off("$broker.started", this.atStart);
    for (const timer of this.timers) clearInterval(timer);
    await Promise.all(this.relays.map((relay) => relay.stop()));
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
    await this.home.write(tx, entries);
    tx.afterCommit(() => {
      // Which shard the transaction is on only its relay will see; waking costs the others one short query.
      for (const relay of this.relays) relay.wake();
    });
    await failpoint("outbox.before-commit");
  }

  once(tx: AnyTransaction, event: DomainEvent<unknown>, consumer: string): Promise<boolean> {
    return this.home.mark(tx, consumer, event.event_id);
  }

  async drainOutbox(): Promise<void> {
    await Promise.all(this.relays.map((relay) => relay.drain()));
  }

  /** Of all shards together. */
  async outboxState(): Promise<OutboxState> {
    const states = await Promise.all(this.home.outboxes.map((outbox) => outbox.state()));
    return {
      unsent: states.reduce((sum, { unsent }) => sum + unsent, 0),
      oldest_seconds: Math.max(0, ...states.map(({ oldest_seconds }) => oldest_seconds)),
      dead: states.reduce((sum, { dead }) => sum + dead, 0),
    };
  }

  private run(): void {
    for (const relay of this.relays) relay.start();
    this.every(MEASURE_EVERY_MS, async () => this.metrics.show(await this.outboxState()));
    this.every(FORGET_EVERY_MS, () => this.home.forgetMarks(REMEMBER_DAYS));
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
      logger.error(`${row.event.type} ${row.event.event_id} is a dead letter of ${group}:`, error);
    this.metrics.count(settlement);
    for (const { event } of settlement.sent) void broker.broadcastLocal("$outbox.sent", { event });
  }
}
