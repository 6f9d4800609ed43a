import { UnavailableError } from "../../../lib/errors";
import { BadMessageError } from "../bad-message";
import type { OutboxRow } from "../outbox";
import type { Outcome, Transport } from "../transport";
import { messageOf } from "./messages";
import type { KafkaNames } from "./names";
import type { PartitionLanes } from "./partition-lanes";
import type { Partitioning } from "./partitioning";

/** What stands for every group in the outcome: groups are Kafka's own matter. */
const KAFKA = "kafka";

interface Run {
  topic: string;
  partition: number;
  rows: OutboxRow[];
}

/** Hands rows to Kafka, where they wait for their groups. A row is done when Kafka has it. */
export class KafkaTransport implements Transport {
  /** So many share the `send` of a partition. */
  readonly concurrency = 256;

  constructor(
    private readonly lanes: PartitionLanes,
    private readonly names: KafkaNames,
    private readonly partitioning: () => Promise<Partitioning>,
  ) {}

  async send(rows: readonly OutboxRow[]): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    try {
      const partitioning = await this.partitioning();
      for (const { topic, partition, rows: run } of this.runsOf(rows, partitioning)) {
        await this.lanes.send(topic, partition, run.map(messageOf));
        outcomes.push(...run.map((row) => ({ row, acked: row.acked, failures: [] })));
      }
    } catch (error) {
      const failed = rows[outcomes.length];
      if (failed)
        outcomes.push({ row: failed, acked: failed.acked, failures: [{ group: KAFKA, error: judged(error) }] });
    }
    return outcomes;
  }

  /** Neighbours that go to the same partition, which keeps their order. */
  private runsOf(rows: readonly OutboxRow[], partitioning: Partitioning): Run[] {
    const runs: Run[] = [];
    for (const row of rows) {
      const topic = this.names.topic(row.event.type);
      const partition = partitioning.partitionOf(topic, row.key);
      const last = runs.at(-1);
      if (last?.topic === topic && last.partition === partition) last.rows.push(row);
      else runs.push({ topic, partition, rows: [row] });
    }
    return runs;
  }
}

function judged(error: unknown): Error {
  const { type, message } = error as { type?: unknown; message?: unknown };
  if (type === "MESSAGE_TOO_LARGE") return new BadMessageError("Kafka finds this event too large.");
  return new UnavailableError(`Kafka did not take an event: ${String(message)}`);
}
