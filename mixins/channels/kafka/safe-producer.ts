import type { Kafka, Message, Producer } from "kafkajs";

/** kafkajs' producer from its connecting to its first failure. */
interface Generation {
  producer: Producer;
  connected: Promise<void>;
  inFlight: number;
  isSpent: boolean;
}

/**
 * An idempotent producer whose every acknowledgement can be believed. For that a partition may have one `send` on its way at a
 * time, and after a failure nothing more is sent with the same producer: kafkajs gives the sequence numbers of a request whose
 * answer got lost to the next one, which the broker would then take for a repeat and drop.
 */
export class SafeProducer {
  private current: Generation | undefined;

  constructor(private readonly kafka: Kafka) {}

  /** Resolves when every replica in sync has them, in this order. May have stored them when it rejects. */
  async send(topic: string, partition: number, messages: readonly Message[]): Promise<void> {
    await this.use(async (producer) => {
      const answers = await producer.send({
        topic,
        acks: -1,
        messages: messages.map((one) => ({ ...one, partition })),
      });
      const answer = answers.find((one) => one.partition === partition);
      if (answer?.errorCode !== 0) throw new Error(`Partition ${partition} of ${topic} did not acknowledge.`);
    });
  }

  /** Rejects while Kafka cannot be reached. */
  async connect(): Promise<void> {
    await this.use(async () => undefined);
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.producer.disconnect();
  }

  private async use(work: (producer: Producer) => Promise<void>): Promise<void> {
    const generation = (this.current ??= this.open());
    generation.inFlight++;
    try {
      await generation.connected;
      await work(generation.producer);
    } catch (error) {
      generation.isSpent = true;
      if (this.current === generation) this.current = undefined;
      throw error;
    } finally {
      if (--generation.inFlight === 0 && generation.isSpent) generation.producer.disconnect().catch(() => undefined);
    }
  }

  private open(): Generation {
    const producer = this.kafka.producer({ idempotent: true, allowAutoTopicCreation: false });
    return { producer, connected: producer.connect(), inFlight: 0, isSpent: false };
  }
}
