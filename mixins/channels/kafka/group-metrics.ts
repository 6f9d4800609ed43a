import type { ServiceBroker } from "moleculer";
import type { TopicLag } from "./lag";

const LAG = "emulsion.channels.lag";
const CONSUMED = "emulsion.channels.consumed.total";
const DEAD = "emulsion.channels.dead.letters.total";

/** How a consumer group stands, in the broker's own metrics. */
export class GroupMetrics {
  private readonly isOn: boolean;

  constructor(
    private readonly broker: ServiceBroker,
    private readonly group: string,
  ) {
    this.isOn = broker.isMetricsEnabled();
    if (!this.isOn || broker.metrics.getMetric(LAG)) return;
    const labelNames = ["group", "topic"];
    const { metrics } = broker;
    metrics.register({ type: "gauge", name: LAG, labelNames, description: "Events that a group has not finished." });
    metrics.register({ type: "counter", name: CONSUMED, labelNames, description: "Events that a group has handled." });
    metrics.register({ type: "counter", name: DEAD, labelNames, description: "Events that a group gave up." });
  }

  countConsumed(topic: string): void {
    if (this.isOn) this.broker.metrics.increment(CONSUMED, { group: this.group, topic });
  }

  countDead(topic: string): void {
    if (this.isOn) this.broker.metrics.increment(DEAD, { group: this.group, topic });
  }

  show(lags: readonly TopicLag[]): void {
    if (!this.isOn) return;
    for (const { topic, waiting } of lags) this.broker.metrics.set(LAG, waiting, { group: this.group, topic });
  }
}
