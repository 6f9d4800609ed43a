import type { SeenPost } from "../deeds";
import { deedsOf, type History, type Operation } from "../history";
import type { Facts } from "./facts";
import { groupBy } from "./group-by";
import type { Check, Violation } from "./violation";

/** Pages of one feed, one after the other, as far as they were answered. */
export interface Walk {
  viewer: number;
  pages: Operation<"feed">[];
  posts: SeenPost[];
  /** Their ids. */
  shown: Set<string>;
  from_ms: number;
  to_ms: number;
  /** Everything older than this is not known to the walk; undefined: it came to the end of the feed. */
  end: SeenPost | undefined;
}

/** Promise 5: a walk repeats nothing, and skips nothing that was in the feed when it began and still may be seen. */
export const cursorWalks: Check = ({ history, facts, state }) => {
  const walks = walksOf(history, state?.feed_max_items ?? Infinity);
  return walks.flatMap((walk) => [...disorder(walk), ...skipped(walk, history, facts)]);
};

export function walksOf(history: History, feedMaxItems: number): Walk[] {
  return [...groupBy(deedsOf(history, "feed"), ({ args }) => args.walk).values()].flatMap((all): Walk[] => {
    const asked = all.sort((a, b) => a.args.page - b.args.page);
    const lost = asked.findIndex(({ outcome }) => outcome !== "ok");
    const pages = lost === -1 ? asked : asked.slice(0, lost);
    const last = pages.at(-1);
    if (pages[0]?.args.page !== 0 || last?.result === undefined) return [];
    const posts = pages.flatMap(({ result }) => result?.posts ?? []);
    // What a feed holds no more was cut off, not skipped.
    const isWhole = last.result.cursor === null && posts.length < feedMaxItems;
    const end = isWhole ? undefined : (posts.at(-1) ?? { post_id: "", user_id: 0, created_at_ms: Infinity });
    const { actor: viewer, invoked_ms: from_ms } = pages[0];
    const shown = new Set(posts.map(({ post_id }) => post_id));
    return [{ viewer, pages, posts, shown, from_ms, to_ms: last.completed_ms, end }];
  });
}

function disorder({ viewer, pages, posts }: Walk): Violation[] {
  return posts.flatMap((post, i) => {
    const before = posts[i - 1];
    if (before === undefined || isNewer(before, post)) return [];
    const is = before.post_id === post.post_id ? "repeats" : "shows in the wrong order";
    const operations = pages.filter(({ result }) =>
      result?.posts.some(({ post_id }) => post_id === post.post_id || post_id === before.post_id),
    );
    const what = `a walk of ${viewer} ${is} post ${post.post_id}`;
    return [{ promise: 5, what, operations: operations.map(({ id }) => id) }];
  });
}

/** What an earlier answer of this very feed showed was in it. */
function skipped(walk: Walk, history: History, facts: Facts): Violation[] {
  const told = new Set<string>();
  return deedsOf(history, "feed").flatMap((earlier) => {
    if (earlier.actor !== walk.viewer || earlier.completed_ms >= walk.from_ms) return [];
    return (earlier.result?.posts ?? []).flatMap((post): Violation[] => {
      if (walk.shown.has(post.post_id) || told.has(post.post_id) || !isInReach(walk, post)) return [];
      if (!belongsThroughout(facts, walk.viewer, post, earlier.invoked_ms, walk.to_ms)) return [];
      told.add(post.post_id);
      const what = `a walk of ${walk.viewer} skips post ${post.post_id} of ${post.user_id}, which was in the feed before`;
      return [{ promise: 5, what, operations: [earlier.id, ...walk.pages.map(({ id }) => id)] }];
    });
  });
}

export function isInReach({ end }: Walk, post: SeenPost): boolean {
  return end === undefined || isNewer(post, end);
}

/** Whether all the while it was to be seen in this viewer's feed, whatever was answered late or not at all. */
export function belongsThroughout(facts: Facts, viewer: number, post: SeenPost, fromMs: number, toMs: number): boolean {
  const { post_id, user_id } = post;
  return (
    facts.deletions.of(post_id).mustBe(false, fromMs, toMs) &&
    facts.archives.of(post_id).mustBe(false, fromMs, toMs) &&
    facts.edges.of(viewer, user_id).mustBe("accepted", fromMs, toMs) &&
    facts.mutes.of(viewer, user_id).mustBe(false, fromMs, toMs) &&
    facts.hides.of(viewer, post_id).mustBe(false, fromMs, toMs) &&
    facts.blocks.of(viewer, user_id).mustBe(false, fromMs, toMs) &&
    facts.blocks.of(user_id, viewer).mustBe(false, fromMs, toMs)
  );
}

function isNewer(a: SeenPost, b: SeenPost): boolean {
  return a.created_at_ms > b.created_at_ms || (a.created_at_ms === b.created_at_ms && a.post_id > b.post_id);
}
