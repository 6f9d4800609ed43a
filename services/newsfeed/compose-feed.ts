import type { TimelineEntry, TimelinePosition } from "../../mixins/redis";
import type { Call } from "../define-service";
import type { Sources } from "./feed-sources";
import * as hides from "./hides.repository";
import { mergeNewest } from "./merge-newest";
import type { Asking, Newsfeed } from "./newsfeed-store";

/** What one call of posts, and one of auth, takes. */
const AUTHORS_AT_ONCE = 500;
const ACCOUNTS_AT_ONCE = 1_000;
const POSTS_AT_ONCE = 1_000;
/** After a page of which the viewer hid some: fewer are not worth a call. */
const LEAST_AT_ONCE = 50;

export interface Composed {
  /** Newest first. */
  entries: TimelineEntry[];
  /** Nothing older belongs to this feed. */
  is_all: boolean;
}

/** What a feed is, from its sources: the newest posts of these authors that are shown and that the viewer did not hide. */
export async function composeFeed(feeds: Newsfeed, asking: Asking, sources: Sources): Promise<Composed> {
  const viewerId = asking.meta.viewer.id;
  const authors = await shownAuthors(asking, sources.user_ids);
  const entries: TimelineEntry[] = [];
  let before: TimelinePosition | undefined;
  while (entries.length < feeds.maxItems) {
    const limit = Math.min(POSTS_AT_ONCE, Math.max(LEAST_AT_ONCE, feeds.maxItems - entries.length));
    const page = await newestPosts(asking.call, authors, before, limit);
    const ids = page.map(({ post_id }) => post_id);
    const hidden = await hides.among(feeds.sql.at(viewerId), viewerId, ids);
    for (const entry of page) if (!hidden.has(entry.post_id)) entries.push(entry);
    if (page.length < limit && entries.length <= feeds.maxItems) return { entries, is_all: true };
    before = page.at(-1);
  }
  return { entries: entries.slice(0, feeds.maxItems), is_all: false };
}

/**
 * A suspended author's posts do not count towards what a feed holds. Nothing else hides an account from who follows it, and graph's
 * answer may be some seconds old, which a stored feed would be for good.
 */
async function shownAuthors({ call }: Asking, userIds: readonly number[]): Promise<number[]> {
  const answers = await Promise.all(
    chunks(userIds, ACCOUNTS_AT_ONCE).map((user_ids) => call("auth.getMany", { user_ids })),
  );
  return answers.flatMap(({ users }) => users.filter(({ is_suspended }) => !is_suspended).map(({ id }) => id));
}

/** The newest posts of all these authors together, however many they are. */
export async function newestPosts(
  call: Call,
  authors: readonly number[],
  before: TimelinePosition | undefined,
  limit: number,
): Promise<TimelineEntry[]> {
  const position = before && { created_at: new Date(before.created_at_ms).toISOString(), post_id: before.post_id };
  const answers = await Promise.all(
    chunks(authors, AUTHORS_AT_ONCE).map((user_ids) =>
      call("posts.newestByAuthors", { user_ids, limit, ...(position ? { before: position } : {}) }),
    ),
  );
  const lists = answers.map(({ posts }) =>
    posts.map(({ post_id, user_id, created_at }) => ({ post_id, user_id, created_at_ms: Date.parse(created_at) })),
  );
  return mergeNewest(lists, limit);
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}
