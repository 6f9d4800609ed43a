import type { ServiceBroker } from "moleculer";
import { subscriptionsOf, type Subscription } from "./contracts-of";
import type { OutboxRow } from "./outbox";
import { RECEIVE_TIMEOUT_MS } from "./receive";
import type { Outcome, Transport } from "./transport";

/** Calls each group's `receive` through the broker: in this process, or over its transporter. */
export class DirectTransport implements Transport {
  readonly concurrency = 32;
  private readonly subscriptions: ReadonlyMap<string, Subscription[]>;

  constructor(private readonly broker: ServiceBroker) {
    this.subscriptions = subscriptionsOf(broker);
  }

  async send(rows: readonly OutboxRow[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    for (const row of rows) {
      const outcome = await this.sendOne(row);
      outcomes.push(outcome);
      if (outcome.failures.length > 0) break;
    }
    return outcomes;
  }

  private async sendOne(row: OutboxRow): Promise<Outcome> {
    const acked = [...row.acked];
    const failures: Outcome["failures"] = [];
    const waiting = (this.subscriptions.get(row.event.type) ?? []).filter(({ group }) => !row.acked.includes(group));
    await Promise.all(
      waiting.map(async ({ service, group }) => {
        try {
          await this.deliver(service, group, row);
          acked.push(group);
        } catch (error) {
          failures.push({ group, error });
        }
      }),
    );
    return { row, acked, failures };
  }

  private async deliver(service: string, group: string, { event, request_id }: OutboxRow): Promise<void> {
    const options = {
      timeout: RECEIVE_TIMEOUT_MS,
      retries: 0,
      ...(request_id === null ? {} : { requestID: request_id }),
    };
    await this.broker.call(`${service}.receive`, { topic: event.type, group, event }, options);
  }
}
