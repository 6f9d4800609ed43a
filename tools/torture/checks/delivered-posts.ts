import { deedsOf, type Operation } from "../history";
import type { Facts } from "./facts";
import { countBy, groupBy } from "./group-by";
import type { Check, Violation } from "./violation";

/** Promise 2: who followed the author all the time since the post was asked for has it exactly once, pushed or pulled. */
export const deliveredPosts: Check = ({ history, facts, state }) => {
  if (state === undefined) return [];
  const { stores, api } = state;
  const violations: Violation[] = [];
  const items = countBy(stores.feed_items, ({ user_id, post_id }) => `${user_id} ${post_id}`);
  const pulled = countBy(stores.pulled_posts, ({ post_id }) => post_id);
  const made = new Map(stores.deliveries.map((delivery) => [delivery.post_id, delivery]));
  const there = new Set(stores.posts.map(({ post_id }) => post_id));
  const full = new Set(
    Object.entries(api.feeds).flatMap(([viewer, posts]) => (posts.length >= state.feed_max_items ? [viewer] : [])),
  );

  for (const post of acknowledgedOnce(history.operations)) {
    const { post_id } = post.result!;
    if (!there.has(post_id)) continue;
    const report = (what: string, viewer?: number): void => {
      const follow = viewer === undefined ? undefined : facts.edges.of(viewer, post.actor).lastSure(post.invoked_ms);
      violations.push({ promise: 2, what, operations: [...(follow ? [follow.op] : []), post.id] });
    };
    const delivery = made.get(post_id);
    if (delivery === undefined) report(`post ${post_id} was never brought to its readers`);
    const isPulled = delivery?.is_pulled === true;
    if (isPulled && pulled.get(post_id) !== 1) report(`post ${post_id} is ${pulled.get(post_id) ?? 0} times pulled`);

    for (const { user_id: viewer } of stores.people) {
      if (!hasFollowedSince(facts, viewer, post) || full.has(String(viewer))) continue;
      const shown = (api.feeds[viewer] ?? []).filter((id) => id === post_id).length;
      if (shown !== 1) report(`follower ${viewer} sees post ${post_id} of ${post.actor} ${shown} times`, viewer);
      const rows = items.get(`${viewer} ${post_id}`) ?? 0;
      if (!isPulled && rows !== 1)
        report(`follower ${viewer} has post ${post_id} of ${post.actor} ${rows} times`, viewer);
    }
  }
  return violations;
};

/** One operation for each post, however often it was asked for: the first, for its followers are those of the time of the first try. */
function acknowledgedOnce(operations: readonly Operation[]): Operation<"post">[] {
  const byKey = groupBy(deedsOf({ operations: [...operations] }, "post"), ({ args }) => args.key);
  return [...byKey.values()].flatMap((attempts) => {
    const acknowledged = attempts.find(({ outcome }) => outcome === "ok");
    return acknowledged ? [{ ...acknowledged, invoked_ms: attempts[0]!.invoked_ms }] : [];
  });
}

function hasFollowedSince(facts: Facts, viewer: number, post: Operation<"post">): boolean {
  const from = post.invoked_ms;
  const author = post.actor;
  return (
    viewer !== author &&
    facts.edges.of(viewer, author).mustBe("accepted", from, Infinity) &&
    facts.mutes.of(viewer, author).mustBe(false, from, Infinity) &&
    facts.blocks.of(viewer, author).mustBe(false, from, Infinity) &&
    facts.blocks.of(author, viewer).mustBe(false, from, Infinity) &&
    facts.hides.of(viewer, post.result!.post_id).mustBe(false, from, Infinity) &&
    // Shown again it is as if it had never been archived.
    facts.archives.of(post.result!.post_id).mustBe(false, Infinity, Infinity)
  );
}
