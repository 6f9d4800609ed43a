import { parseArgs } from "node:util";
import type { Config } from "../lib/config";
import type { DeadLetterBox, DeadLetterEntry } from "../mixins/channels/dead-letter-box";
import { KafkaDeadLetters } from "../mixins/channels/kafka/kafka-dead-letters";
import { OutboxDeadLetters } from "../mixins/channels/outbox-dead-letters";
import { contracts } from "../services/contracts";
import { drainOutboxes } from "./drain-outboxes";
import { runTool, ToolError, toolConfig, wholeNumber } from "./run-tool";
import { startServices } from "./start-services";

const usage = `Usage: npm run events -- dlq list|replay [--group G] [--topic T] [--limit N]

  list        shows dead letters: events that a group gave up, the oldest first
  replay      gives them to their group, and to it alone, once more
  --group G   of this consumer group, such as newsfeed
  --topic T   published to this topic, such as post.created
  --limit N   at most so many (100)

With KAFKA_BROKERS this needs nothing but Kafka, and works beside a running fleet. Without it the letters lie beside the outboxes:
this starts the services on the data of DATA_DIR, whose server must not run meanwhile, or of the URLs.`;

const LIMIT = 100;

/** Without the gateway: it neither publishes nor consumes. */
const services = ["auth", "graph", "media", "posts", "newsfeed"];

/** The dead letters of the system that this configuration describes. */
export async function openDeadLetters(config: Config): Promise<DeadLetterBox> {
  if (config.kafkaBrokers.length > 0) return new KafkaDeadLetters(config, contracts, { debug: () => undefined });
  const started = await startServices(config, services, { holdsFolder: true });
  return new OutboxDeadLetters(started.homes, async () => {
    await drainOutboxes(started).finally(() => started.stop());
  });
}

/** What a person reads of a letter. */
export function shown({ failed_at, group, topic, key, error, value }: DeadLetterEntry): string {
  return `${failed_at}  ${group}  ${topic}  key ${key}\n    ${error}\n    ${value}\n`;
}

async function main(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { group: text, topic: text, limit: text },
  });
  const [subject, verb] = positionals;
  if (subject !== "dlq" || (verb !== "list" && verb !== "replay") || positionals.length > 2) throw new ToolError(usage);
  const { group, topic } = values;
  if (group !== undefined && !groups.has(group))
    throw new ToolError(`There is no group ${group}. There are: ${[...groups].join(", ")}.`);
  const filter = {
    ...(group === undefined ? {} : { group }),
    ...(topic === undefined ? {} : { topic }),
    limit: wholeNumber("limit", values.limit, LIMIT),
  };
  const box = await openDeadLetters(toolConfig());
  try {
    const letters = await box[verb](filter);
    for (const letter of letters) process.stdout.write(shown(letter));
    const done = verb === "list" ? "listed" : "on their way to their groups";
    process.stdout.write(`${letters.length} dead letters ${done}.\n`);
  } finally {
    await box.close();
  }
}

const groups = new Set<string>(contracts.flatMap(({ consumes }) => Object.values(consumes)));

if (require.main === module) runTool(usage, main);
