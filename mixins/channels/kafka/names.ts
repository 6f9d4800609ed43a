/** What our topics and groups are called on a Kafka that other systems use too. */
export class KafkaNames {
  private readonly prefix: string;

  constructor(namespace: string) {
    this.prefix = namespace === "" ? "" : `${namespace}.`;
  }

  topic(topic: string): string {
    return `${this.prefix}${topic}`;
  }

  /** The contracts' name of a topic of ours. */
  bare(name: string): string {
    return name.slice(this.prefix.length);
  }

  group(group: string): string {
    return `${this.prefix}${group}`;
  }

  /** Where a group's dead letters lie. */
  deadLetters(group: string): string {
    return `${this.prefix}${group}.dlq`;
  }

  /** Dead letters that a group is to have once more: that group alone reads it. */
  replays(group: string): string {
    return `${this.prefix}${group}.replay`;
  }
}
