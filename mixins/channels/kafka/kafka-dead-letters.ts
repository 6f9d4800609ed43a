import type { Kafka } from "kafkajs";
import type { Config } from "../../../lib/config";
import type { ServiceContract } from "../../../lib/contract";
import type { DeadLetterBox, DeadLetterEntry, DeadLetterFilter } from "../dead-letter-box";
import { type ClientLog, openKafka } from "./client";
import { openLetters, type ReadLetter, replayedMark, replayOf } from "./letters";
import { KafkaNames } from "./names";
import { readTopic } from "./read-topic";
import { SafeProducer } from "./safe-producer";
import { ensureTopics, topicsOf } from "./topics";
import { withAdmin } from "./with-admin";

interface Found {
  group: string;
  letter: ReadLetter;
}

/** The dead-letter topics of these contracts' groups. Needs nothing but Kafka, so that it works beside a running fleet. */
export class KafkaDeadLetters implements DeadLetterBox {
  private readonly kafka: Kafka;
  private readonly names: KafkaNames;
  private readonly producer: SafeProducer;
  private isReady = false;

  constructor(
    private readonly config: Config,
    private readonly contracts: readonly ServiceContract[],
    log: ClientLog,
  ) {
    this.kafka = openKafka(config, "emulsion-events", log);
    this.names = new KafkaNames(config.namespace);
    this.producer = new SafeProducer(this.kafka);
  }

  async list(filter: DeadLetterFilter): Promise<DeadLetterEntry[]> {
    return (await this.find(filter)).map((one) => this.entryOf(one));
  }

  async replay(filter: DeadLetterFilter): Promise<DeadLetterEntry[]> {
    const found = await this.find(filter);
    for (const { group, letter } of found) {
      await this.producer.send(this.names.replays(group), 0, [replayOf(letter.message)]);
      // A crash before the mark gives the letter once more, which consumers bear.
      await this.producer.send(this.names.deadLetters(group), 0, [replayedMark(letter.message)]);
    }
    return found.map((one) => this.entryOf(one));
  }

  close(): Promise<void> {
    return this.producer.close();
  }

  private async find({ group, topic, limit }: DeadLetterFilter): Promise<Found[]> {
    await this.ready();
    const groups = new Set(this.contracts.flatMap(({ consumes }) => Object.values(consumes)));
    const asked = [...groups].filter((one) => group === undefined || one === group);
    const found = await Promise.all(
      asked.map(async (one) => {
        const letters = openLetters(await readTopic(this.kafka, this.names.deadLetters(one)));
        return letters.map((letter) => ({ group: one, letter }));
      }),
    );
    return found
      .flat()
      .filter(({ letter }) => topic === undefined || this.names.bare(letter.topic) === topic)
      .sort((a, b) => a.letter.failed_at.localeCompare(b.letter.failed_at))
      .slice(0, limit);
  }

  /** On a system that never started there are no topics yet. */
  private async ready(): Promise<void> {
    if (this.isReady) return;
    await withAdmin(this.kafka, (admin) => ensureTopics(admin, topicsOf(this.contracts, this.names, this.config)));
    this.isReady = true;
  }

  private entryOf({ group, letter: { topic, error, failed_at, message } }: Found): DeadLetterEntry {
    return {
      group,
      topic: this.names.bare(topic),
      key: message.key?.toString() ?? "",
      value: message.value?.toString() ?? "",
      error,
      failed_at,
    };
  }
}
