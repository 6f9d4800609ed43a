import { decodeCursor, encodeCursor } from "../../lib/cursor";
import { BadCursorError } from "../../lib/errors";
import type { Page } from "../../lib/fields";
import type { TimelineEntry, TimelinePosition } from "../../mixins/redis";
import type { Post } from "../posts/posts.contract";
import { feedSkeleton } from "./feed-skeleton";
import type { Sources } from "./feed-sources";
import * as hides from "./hides.repository";
import type { Asking, Newsfeed } from "./newsfeed-store";

/** How many entries are looked at, round after round, while filtering leaves a page short. */
const ROUNDS = [0, 50, 100, 200, 200];
/** What one call of posts takes. */
const MOST_AT_ONCE = 200;
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Where a walk stands. How many posts it showed tells where the feed ends, whatever arrives on top of it meanwhile. */
interface Walk {
  before: TimelinePosition | undefined;
  shown: number;
}

/** A page of the viewer's feed. One that filtering made short is refilled, a bounded number of times. */
export async function readFeed(
  feeds: Newsfeed,
  asking: Asking,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<Post>> {
  const walk = walkAt(cursor, feeds.maxItems);
  const sources = await feeds.sources.of(asking.call, asking.meta.viewer.id);
  const items: Post[] = [];
  for (const least of ROUNDS) {
    const remaining = feeds.maxItems - walk.shown;
    const wanted = Math.min(limit - items.length, remaining);
    // One more than is wanted tells whether there is more, save at the end of what a feed holds.
    const size = Math.min(Math.max(wanted + 1, least), remaining, MOST_AT_ONCE);
    const skeleton = await feedSkeleton(feeds, asking, sources, walk.before, size);
    const kept = await belonging(feeds, asking, sources, skeleton);
    const shown = await hydrate(asking, kept.slice(0, wanted));
    items.push(...shown);
    walk.shown += shown.length;

    // The first that was not asked for is where the next round, or the next page, begins.
    const next = kept[wanted];
    const looked = next === undefined ? skeleton : skeleton.slice(0, skeleton.indexOf(next));
    walk.before = looked.at(-1) ?? walk.before;
    const hasMore = next !== undefined || skeleton.length === size;
    if (!hasMore || walk.shown === feeds.maxItems) return { items, next_cursor: null };
    if (items.length === limit) break;
  }
  return { items, next_cursor: cursorAt(walk) };
}

/** What is of somebody whom the viewer follows now, and is not hidden by them. */
export async function belonging(
  feeds: Newsfeed,
  asking: Asking,
  sources: Sources,
  skeleton: TimelineEntry[],
): Promise<TimelineEntry[]> {
  const viewerId = asking.meta.viewer.id;
  const followed = skeleton.filter(({ user_id }) => sources.has(user_id));
  const ids = followed.map(({ post_id }) => post_id);
  const hidden = await hides.among(feeds.sql.at(viewerId), viewerId, ids);
  return hidden.size === 0 ? followed : followed.filter(({ post_id }) => !hidden.has(post_id));
}

/** As the viewer may see them now: deleted, archived and suspended ones are missing. */
export async function hydrate({ call }: Asking, entries: readonly TimelineEntry[]): Promise<Post[]> {
  if (entries.length === 0) return [];
  const { posts } = await call("posts.getMany", { post_ids: entries.map(({ post_id }) => post_id) });
  return posts;
}

function cursorAt({ before, shown }: Walk): string | null {
  return before ? encodeCursor([before.created_at_ms, before.post_id, shown]) : null;
}

/** @throws {BadCursorError} */
function walkAt(cursor: string | undefined, most: number): Walk {
  if (cursor === undefined) return { before: undefined, shown: 0 };
  const [created_at_ms, post_id, shown] = decodeCursor(cursor, ["number", "string", "number"]);
  const isTime = Number.isInteger(created_at_ms) && created_at_ms >= 0 && created_at_ms <= LAST_MS;
  const isCount = Number.isInteger(shown) && shown >= 0 && shown < most;
  if (!isTime || !isCount || !/^[0-9a-f]{24}$/.test(post_id)) throw new BadCursorError();
  return { before: { created_at_ms, post_id }, shown };
}
