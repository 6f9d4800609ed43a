import type { Message } from "kafkajs";
import type { SafeProducer } from "./safe-producer";

/** Half of what a broker takes at once by default. A larger message goes alone. */
const MOST_BYTES = 500_000;

interface Parcel {
  messages: readonly Message[];
  bytes: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/**
 * One `send` on its way to each partition; what comes meanwhile goes together in the next. A `send` over several partitions
 * would lose acknowledged messages when a leader changes (tulios/kafkajs#1303).
 */
export class PartitionLanes {
  private readonly waiting = new Map<string, Parcel[]>();

  constructor(private readonly producer: SafeProducer) {}

  /** Resolves when all of these are acknowledged. */
  send(topic: string, partition: number, messages: readonly Message[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const parcel: Parcel = { messages, bytes: sizeOf(messages), resolve, reject };
      const lane = `${topic}:${partition}`;
      const parcels = this.waiting.get(lane);
      if (parcels) parcels.push(parcel);
      else {
        this.waiting.set(lane, [parcel]);
        void this.run(lane, topic, partition);
      }
    });
  }

  private async run(lane: string, topic: string, partition: number): Promise<void> {
    const parcels = this.waiting.get(lane) ?? [];
    // What else this turn of the event loop brings goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (parcels.length > 0) {
      const load = takeLoad(parcels);
      try {
        await this.producer.send(
          topic,
          partition,
          load.flatMap(({ messages }) => messages),
        );
        for (const { resolve } of load) resolve();
      } catch (error) {
        for (const { reject } of load) reject(error);
      }
    }
    this.waiting.delete(lane);
  }
}

function takeLoad(parcels: Parcel[]): Parcel[] {
  let bytes = 0;
  let count = 0;
  for (const parcel of parcels) {
    bytes += parcel.bytes;
    if (count > 0 && bytes > MOST_BYTES) break;
    count++;
  }
  return parcels.splice(0, count);
}

function sizeOf(messages: readonly Message[]): number {
  return messages.reduce((sum, { value }) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);
}
