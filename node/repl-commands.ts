import type { ReplOptions, ServiceBroker } from "moleculer";
import type { Channels } from "../mixins/channels/channels";
import { contracts } from "../services/contracts";
import { callerOf } from "../services/define-service";

interface Arguments {
  options: Record<string, unknown>;
  name: string;
  action: string;
  params?: string;
}

interface Command {
  command: string;
  description: string;
  action(broker: ServiceBroker, args: Arguments): Promise<void>;
}

const commands: Command[] = [
  {
    command: "as <name> <call> <action> [params]",
    description: "Calls an action as somebody: as alice call newsfeed.read '{\"limit\":5}'",
    async action(broker, { name, action, params }) {
      const viewer = await viewerNamed(broker, name);
      print(await broker.call(action, params === undefined ? {} : JSON.parse(params), { meta: { viewer } }));
    },
  },
  {
    command: "feed <name>",
    description: "Shows somebody's feed as they would see it.",
    async action(broker, { name }) {
      const viewer = await viewerNamed(broker, name);
      const { items } = await callerOf(broker)("newsfeed.read", { limit: 20 }, { meta: { viewer } });
      for (const { author, caption, like_count, comment_count, created_at } of items) {
        process.stdout.write(
          `${created_at}  @${author.username}: ${caption}  (${like_count} likes, ${comment_count} comments)\n`,
        );
      }
      if (items.length === 0) process.stdout.write("The feed is empty.\n");
    },
  },
  {
    command: "outbox",
    description: "How many events wait to be delivered, by service.",
    async action(broker) {
      for (const { name } of contracts) {
        if (broker.registry.getActionEndpoints(`${name}.outbox`) === undefined) continue;
        const state = await broker.call<Awaited<ReturnType<Channels["outboxState"]>>, object>(`${name}.outbox`, {});
        process.stdout.write(`${name}: ${JSON.stringify(state)}\n`);
      }
    },
  },
];

/** Commands of ours beside Moleculer's. Its types take for a list of words what the REPL hands over by name. */
export const replCommands = commands.map(forgiving) as unknown as NonNullable<ReplOptions["customCommands"]>;

/** A mistake at the prompt is told in a line: the stack of it helps nobody. */
function forgiving(command: Command): Command {
  return {
    ...command,
    action: (broker, args) =>
      command.action(broker, args).catch((error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      }),
  };
}

async function viewerNamed(
  broker: ServiceBroker,
  name: string,
): Promise<{ id: number; role: "user" | "moderator" | "admin" }> {
  const { users } = await callerOf(broker)("auth.findByUsernames", { usernames: [name] });
  const [user] = users;
  if (user === undefined) throw new Error(`Nobody is called ${name}.`);
  return { id: user.id, role: user.role };
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
