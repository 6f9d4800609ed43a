import { parseArgs } from "node:util";
import type { Config } from "../lib/config";
import { drainOutboxes } from "./drain-outboxes";
import { runTool, ToolError, toolConfig, wholeNumber } from "./run-tool";
import { followEachOther } from "./seed/follow-each-other";
import { type Friendships, grownFriendships, readFriendships, withMorePeople } from "./seed/friendships";
import { openAccounts, PASSWORD, usernameOf } from "./seed/open-accounts";
import { publishPosts } from "./seed/publish-posts";
import { startServices } from "./start-services";

const usage = `Usage: npm run seed -- [--users N] [--graph FILE] [--posts N] [--prefix NAME] [--seed N]

  --users N      how many people; with a graph, those of the graph unless given (else 1000)
  --graph FILE   who follow each other: two people a line. Without it a graph is grown, a few people much followed
  --posts N      posts of each person, each with a small picture (0)
  --prefix NAME  usernames are NAME_<label in the file> (person)
  --seed N       for the grown graph (1)

Everybody's password is "${PASSWORD}". A second run with the same names adds only what is missing.
The server must not run meanwhile: this starts the services that it needs on the data of DATA_DIR or DATABASE_URL.`;

/** Friends of a newcomer in a grown graph. */
const FRIENDS_EACH = 8;
const USERS = 1000;

/** All of whom an event that seeding publishes is for, and whom they ask. */
const services = ["auth", "graph", "media", "posts", "newsfeed"];

export interface SeedOptions {
  friendships: Friendships;
  prefix: string;
  postsEach: number;
}

export interface Seeded {
  user_ids: number[];
  newFollows: number;
  posts: number;
}

/** Opens accounts that follow each other as the graph says, and delivers every event of it. */
export async function seed(config: Config, { friendships, prefix, postsEach }: SeedOptions): Promise<Seeded> {
  const { people, pairs } = friendships;
  const started = await startServices(config, services, { holdsFolder: true });
  try {
    const user_ids = await openAccounts(started, config, prefix, people);
    const newFollows = await followEachOther(started, user_ids, pairs);
    const posts = postsEach === 0 ? 0 : await publishPosts(started, user_ids, postsEach);
    await drainOutboxes(started);
    return { user_ids, newFollows, posts };
  } finally {
    await started.stop();
  }
}

async function main(args: string[]): Promise<void> {
  const text = { type: "string" } as const;
  const options = { users: text, graph: text, posts: text, prefix: text, seed: text };
  const { values } = parseArgs({ args, options });
  const prefix = (values.prefix ?? "person").toLowerCase();
  if (!/^[a-z0-9_]{1,15}$/.test(prefix)) throw new ToolError("--prefix may hold up to 15 letters, digits and _.");
  const friendships = await friendshipsOf(values);
  const postsEach = wholeNumber("posts", values.posts, 0);
  const { user_ids, newFollows, posts } = await seed(toolConfig(), { friendships, prefix, postsEach });
  const first = usernameOf(prefix, friendships.people[0]!);
  process.stdout.write(
    `${user_ids.length} people, ${newFollows} new follows, ${posts} new posts. Sign in as ${first} with "${PASSWORD}".\n`,
  );
}

async function friendshipsOf(values: { users?: string; graph?: string; seed?: string }): Promise<Friendships> {
  if (values.graph === undefined) {
    const users = wholeNumber("users", values.users, USERS);
    if (users === 0) throw new ToolError("--users must be at least 1.");
    return grownFriendships(users, FRIENDS_EACH, wholeNumber("seed", values.seed, 1));
  }
  const users = values.users === undefined ? undefined : wholeNumber("users", values.users, 0);
  const read = await readFriendships(values.graph, users);
  if (read.people.length === 0) throw new ToolError(`${values.graph} names nobody.`);
  return withMorePeople(read, users ?? 0);
}

if (require.main === module) runTool(usage, main);
