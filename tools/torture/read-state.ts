import type { Gateways, Person } from "./asker";
import { readTopics } from "./read-topics";
import { LIST_LIMIT } from "./requests";
import { FEED_MOST } from "./stage";
import type { ApiState, State } from "./state";
import { readStores } from "./stores.repository";

interface Page {
  items: { id: string; like_count: number; comment_count: number }[];
  next_cursor: string | null;
}

/** All that is stored and answered. Everybody asks for their feed first, so that no look at the stores can have mended it. */
export async function readState(
  env: Record<string, string>,
  gateways: Gateways,
  people: readonly Person[],
): Promise<State> {
  const api: ApiState = { feeds: {}, profiles: {} };
  for (const person of people) {
    api.feeds[person.id] = (await readList(gateways, person, "feed?")).map(({ id }) => id);
    const own = await readList(gateways, person, `posts?user_id=${person.id}&`);
    api.profiles[person.id] = own.map(({ id, like_count, comment_count }) => ({
      post_id: id,
      like_count,
      comment_count,
    }));
  }
  const [stores, topics] = [await readStores(env), await readTopics(env)];
  return { stores, api, ...topics, feed_max_items: FEED_MOST };
}

async function readList(gateways: Gateways, person: Person, path: string): Promise<Page["items"]> {
  const items: Page["items"] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const from = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const request = { method: "GET" as const, path: `${path}limit=${LIST_LIMIT}${from}` };
    const { status, body } = await gateways.send(request, person.token);
    if (status !== 200) throw new Error(`${path} of ${person.username} answers ${status}: ${JSON.stringify(body)}`);
    const page = body as unknown as Page;
    items.push(...page.items);
    cursor = page.next_cursor;
  }
  return items;
}
