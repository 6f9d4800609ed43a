import type { Benchmark } from "./benchmark";
import { crowdedNode } from "./feed-crowd";
import { PAGE } from "./feed-scene";
import { type FeedCase, feedSweep } from "./feed-sweep";
import type { HttpConnection } from "./http-connection";
import type { Lab } from "./lab";

const USERS = [1_000, 10_000, 100_000, 1_000_000] as const;
const READERS = 32;
const AUTHORS = 4;

export const feedByUsers: Benchmark = {
  names: ["feed_read_by_users"],
  about: `Warm feed pages/s of ${READERS} readers on a node with a million accounts, each of which follows one of the ${AUTHORS} authors who stand in the page; to those of a node with a thousand. The authors' posts are pushed up to 100,000 accounts and pulled at a million.`,
  async run(lab) {
    const opens: (() => Promise<HttpConnection[]>)[] = [];
    for (const users of USERS) opens.push(await nodeWith(lab, users));
    const cases: FeedCase[] = [];
    for (const [i, size] of USERS.entries()) cases.push({ size, readers: await opens[i]!() });
    const title = "Warm feed reads by the number of users";
    return feedSweep({ name: "feed_read_by_users", title, label: "users" }, cases);
  },
};

function nodeWith(lab: Lab, users: number) {
  return crowdedNode(lab, {
    sizes: { readers: READERS, authors: AUTHORS, others: users - READERS - AUTHORS },
    follows: ({ readers, authors, others }) => [
      ...readers.flatMap((reader) => authors.map((author): [number, number] => [reader, author])),
      ...others.map((other, i): [number, number] => [other, authors[i % AUTHORS]!]),
    ],
    posts: PAGE,
    settings: { NAMESPACE: `users-${users}` },
  });
}
