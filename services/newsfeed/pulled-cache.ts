import { type NewestPulled, stampOf, type TimelineEntry, type TimelinePosition } from "../../mixins/redis";
import type { Sources } from "./feed-sources";
import { mergeNewest } from "./merge-newest";
import type { Newsfeed } from "./newsfeed-store";
import * as pulledPosts from "./pulled-posts.repository";

/** Of each author so many stand in the cache; deeper ones come from the store. */
const CACHED = 100;
/** The set of authors is cached as one value. */
const AUTHORS = "authors";

/** After a commit that changed what is pulled of this author, and again for every redelivery of its event. */
export async function announceChange(feeds: Newsfeed, authorId: number): Promise<void> {
  await feeds.stamps.touch([stampOf.pulled]);
  const version = await pulledPosts.versionOf(feeds.sql.at(authorId), authorId);
  await feeds.newestPulled.raise(authorId, version);
  const known = await feeds.pulledAuthors.getMany([AUTHORS]);
  if (known[0]?.includes(authorId)) return;
  const authors = await pulledPosts.authors(feeds.sql);
  await feeds.pulledAuthors.raise(AUTHORS, authors.length);
  await feeds.pulledAuthors.fill(AUTHORS, authors.length, authors);
}

export async function announcePulled(feeds: Newsfeed, { post_id, user_id, created_at_ms }: TimelineEntry) {
  await announceChange(feeds, user_id);
  const created_at = new Date(created_at_ms).toISOString();
  feeds.hint("feed.updated", user_id, { author_id: user_id, post_id, created_at });
}

async function pulledAuthors(feeds: Newsfeed): Promise<readonly number[]> {
  const [known] = await feeds.pulledAuthors.getMany([AUTHORS]);
  if (known !== undefined) return known;
  const authors = await pulledPosts.authors(feeds.sql);
  await feeds.pulledAuthors.fill(AUTHORS, authors.length, authors);
  return authors;
}

/** By sources, which are of one viewer and one version; good for one version of the set of authors. */
const followed = new WeakMap<Sources, { ofCount: number; authors: number[] }>();

/** Whom the viewer follows among the authors with pulled posts. */
export async function followedPulled(feeds: Newsfeed, sources: Sources): Promise<readonly number[]> {
  const all = await pulledAuthors(feeds);
  if (all.length === 0) return [];
  const known = followed.get(sources);
  if (known !== undefined && known.ofCount === all.length) return known.authors;
  const authors = all.filter((userId) => sources.has(userId));
  followed.set(sources, { ofCount: all.length, authors });
  return authors;
}

/** The newest pulled posts of all whom the viewer follows, whatever the size of these authors today. */
export async function newestPulled(
  feeds: Newsfeed,
  sources: Sources,
  before: TimelinePosition | undefined,
  limit: number,
): Promise<TimelineEntry[]> {
  const authors = await followedPulled(feeds, sources);
  if (authors.length === 0) return [];
  const cached = await newestOf(feeds, authors);
  const lists: TimelineEntry[][] = [];
  const deeper: number[] = [];
  for (const [i, authorId] of authors.entries()) {
    const newest = cached[i];
    const list = newest ? below(newest.entries, before) : [];
    if (newest && (newest.is_all || list.length >= limit)) lists.push(list);
    else deeper.push(authorId);
  }
  if (deeper.length > 0)
    for (const page of await pulledPosts.pages(feeds.sql, deeper, before, limit)) lists.push(page.entries);
  return mergeNewest(lists, limit);
}

/** In the order asked, from the cache, which is filled with what it lacked. */
async function newestOf(feeds: Newsfeed, authors: readonly number[]): Promise<(NewestPulled | undefined)[]> {
  const cached = await feeds.newestPulled.getMany(authors);
  const missing = authors.filter((_, i) => cached[i] === undefined);
  if (missing.length === 0) return cached;
  const read = new Map<number, NewestPulled>();
  for (const { user_id, version, entries } of await pulledPosts.pages(feeds.sql, missing, undefined, CACHED + 1)) {
    const newest = { entries: entries.slice(0, CACHED), is_all: entries.length <= CACHED };
    read.set(user_id, newest);
    await feeds.newestPulled.fill(user_id, version, newest);
  }
  return authors.map((authorId, i) => cached[i] ?? read.get(authorId));
}

/** The part of a list, newest first, that is older than the position. */
function below(entries: TimelineEntry[], before: TimelinePosition | undefined): TimelineEntry[] {
  if (before === undefined) return entries;
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    const isOlder =
      entry !== undefined &&
      (entry.created_at_ms < before.created_at_ms ||
        (entry.created_at_ms === before.created_at_ms && entry.post_id < before.post_id));
    if (isOlder) high = middle;
    else low = middle + 1;
  }
  return entries.slice(low);
}
