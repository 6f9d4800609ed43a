import type { ServiceBroker } from "moleculer";
import type { OutboxState, Settlement } from "./outbox";

const UNSENT = "emulsion.outbox.unsent";
const OLDEST = "emulsion.outbox.oldest.seconds";
const DEAD = "emulsion.outbox.dead.letters";
const DELIVERED = "emulsion.outbox.delivered.total";

/** How a service's outbox stands, in the broker's own metrics. */
export class OutboxMetrics {
  private readonly isOn: boolean;

  constructor(
    private readonly broker: ServiceBroker,
    private readonly service: string,
  ) {
    this.isOn = broker.isMetricsEnabled();
    if (!this.isOn || broker.metrics.getMetric(UNSENT)) return;
    const labelNames = ["service"];
    broker.metrics.register({ type: "gauge", name: UNSENT, labelNames, description: "Events not sent yet." });
    broker.metrics.register({ type: "gauge", name: OLDEST, labelNames, description: "Age of the oldest of them." });
    broker.metrics.register({ type: "gauge", name: DEAD, labelNames, description: "Events that a group gave up." });
    broker.metrics.register({
      type: "counter",
      name: DELIVERED,
      labelNames: ["service", "topic"],
      description: "Events that every group has acknowledged.",
    });
  }

  count({ sent }: Settlement): void {
    if (!this.isOn) return;
    const byTopic = new Map<string, number>();
    for (const { event } of sent) byTopic.set(event.type, (byTopic.get(event.type) ?? 0) + 1);
    for (const [topic, n] of byTopic) this.broker.metrics.increment(DELIVERED, { service: this.service, topic }, n);
  }

  show({ unsent, oldest_seconds, dead }: OutboxState): void {
    if (!this.isOn) return;
    const labels = { service: this.service };
    this.broker.metrics.set(UNSENT, unsent, labels);
    this.broker.metrics.set(OLDEST, oldest_seconds, labels);
    this.broker.metrics.set(DEAD, dead, labels);
  }
}
