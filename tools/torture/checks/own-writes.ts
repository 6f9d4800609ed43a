import type { SeenPost } from "../deeds";
import { deedsOf, type History, type Operation } from "../history";
import { belongsThroughout, isInReach, type Walk, walksOf } from "./cursor-walks";
import type { Facts } from "./facts";
import { groupBy } from "./group-by";
import type { Check, Violation } from "./violation";

/** Promise 6: you read your own write, and the same idempotency key gives the same result. */
export const ownWrites: Check = (evidence) => [
  ...sameKeys(evidence),
  ...ownPosts(evidence),
  ...ownLikes(evidence),
  ...ownRelations(evidence),
  ...ownFollows(evidence),
];

function broken(what: string, operations: (number | undefined)[]): Violation {
  return { promise: 6, what, operations: operations.filter((op) => op !== undefined) };
}

const sameKeys: Check = ({ history }) => {
  const made = [
    ...deedsOf(history, "post").map(({ id, args, result }) => ({ id, key: args.key, is: result?.post_id })),
    ...deedsOf(history, "comment").map(({ id, args, result }) => ({ id, key: args.key, is: result?.comment_id })),
  ].filter(({ is }) => is !== undefined);
  return [...groupBy(made, ({ key }) => key)].flatMap(([key, answers]) => {
    const ids = new Set(answers.map(({ is }) => is));
    if (ids.size === 1) return [];
    return [
      broken(
        `${key} was answered with ${[...ids].join(" and ")}`,
        answers.map(({ id }) => id),
      ),
    ];
  });
};

/** An author finds what was acknowledged to them, by its id and in their profile. */
const ownPosts: Check = ({ history, facts }) => {
  const acknowledged = deedsOf(history, "post").filter(({ outcome }) => outcome === "ok");
  const byAuthor = groupBy(acknowledged, ({ actor }) => actor);
  const missing = (read: Operation, post: Operation<"post">): Violation[] => {
    const { post_id } = post.result!;
    const isThere = facts.deletions.of(post_id).mustBe(false, read.invoked_ms, read.completed_ms);
    if (post.completed_ms >= read.invoked_ms || !isThere) return [];
    return [broken(`${read.deed} of ${read.actor} lacks their own post ${post_id}`, [post.id, read.id])];
  };
  return [
    ...deedsOf(history, "readPost").flatMap((read) => {
      const mine = byAuthor.get(read.actor) ?? [];
      const post = mine.find(({ result }) => result?.post_id === read.args.post_id);
      return post !== undefined && read.outcome === "refused" && read.status > 0 ? missing(read, post) : [];
    }),
    ...deedsOf(history, "profile").flatMap((read) => {
      if (read.args.user_id !== read.actor || read.result?.cursor !== null) return [];
      const shown = new Set(read.result.posts.map(({ post_id }) => post_id));
      const mine = byAuthor.get(read.actor) ?? [];
      return mine.filter(({ result }) => !shown.has(result!.post_id)).flatMap((post) => missing(read, post));
    }),
  ];
};

const ownLikes: Check = ({ history, facts }) =>
  deedsOf(history, "readPost").flatMap((read) => {
    if (read.result === undefined) return [];
    const like = facts.likes.of(read.actor, read.args.post_id);
    if (like.mayBe(read.result.has_liked, read.invoked_ms, read.completed_ms)) return [];
    const what = `${read.actor} reads has_liked ${read.result.has_liked} of post ${read.args.post_id}`;
    return [broken(what, [like.lastSure(read.invoked_ms)?.op, read.id])];
  });

const ownRelations: Check = ({ history, facts }) =>
  deedsOf(history, "relationship").flatMap((read) => {
    const { actor, args, result, invoked_ms, completed_ms } = read;
    if (result === undefined) return [];
    const edge = facts.edges.of(actor, args.user_id);
    const said = result.is_following ? "accepted" : result.is_requested ? "pending" : "none";
    const block = facts.blocks.of(actor, args.user_id);
    const mute = facts.mutes.of(actor, args.user_id);
    const wrong = [
      ...(edge.mayBe(said, invoked_ms, completed_ms) ? [] : [{ what: `a follow that is ${said}`, of: edge }]),
      ...(block.mayBe(result.is_blocking, invoked_ms, completed_ms)
        ? []
        : [{ what: `is_blocking ${result.is_blocking}`, of: block }]),
      ...(mute.mayBe(result.is_muting, invoked_ms, completed_ms)
        ? []
        : [{ what: `is_muting ${result.is_muting}`, of: mute }]),
    ];
    return wrong.map(({ what, of }) =>
      broken(`${actor} reads ${what} of ${args.user_id}`, [of.lastSure(invoked_ms)?.op, read.id]),
    );
  });

/** Follow, then read: what its author had posted before is in the feed of whom the follow was acknowledged to. */
const ownFollows: Check = ({ history, facts, state }) => {
  const walks = groupBy(walksOf(history, state?.feed_max_items ?? Infinity), ({ viewer }) => viewer);
  const posts = groupBy(acknowledgedPosts(history), ({ post }) => post.actor);
  return deedsOf(history, "follow").flatMap((follow) => {
    if (!follow.args.on || follow.result?.status !== "accepted" || mayRepeat(facts, follow)) return [];
    const theirs = (posts.get(follow.args.user_id) ?? []).filter(({ post }) => post.completed_ms < follow.invoked_ms);
    const after = (walks.get(follow.actor) ?? []).filter(({ from_ms }) => from_ms > follow.completed_ms);
    return after.flatMap((walk) => lacking(walk, follow, theirs, facts));
  });
};

/** Whether they may have followed already: then what is on its way comes when it comes. */
function mayRepeat(facts: Facts, { actor, args, invoked_ms }: Operation<"follow">): boolean {
  const justBefore = invoked_ms - 0.001;
  return facts.edges.of(actor, args.user_id).mayBe("accepted", justBefore, justBefore);
}

interface KnownPost {
  post: Operation<"post">;
  seen: SeenPost;
}

/** With the time of each as anybody's answer told it; unknown, it is out of every walk's reach that was not whole. */
function acknowledgedPosts(history: History): KnownPost[] {
  const times = new Map<string, number>();
  for (const { result } of history.operations) {
    if (result === null || result === undefined || !("posts" in result)) continue;
    for (const { post_id, created_at_ms } of result.posts) times.set(post_id, created_at_ms);
  }
  return deedsOf(history, "post").flatMap((post) => {
    if (post.result === undefined) return [];
    const { post_id } = post.result;
    return [{ post, seen: { post_id, user_id: post.actor, created_at_ms: times.get(post_id) ?? -Infinity } }];
  });
}

function lacking(walk: Walk, follow: Operation<"follow">, posts: readonly KnownPost[], facts: Facts): Violation[] {
  return posts.flatMap(({ post, seen }) => {
    if (walk.shown.has(seen.post_id) || !isInReach(walk, seen)) return [];
    if (!belongsThroughout(facts, walk.viewer, seen, walk.from_ms, walk.to_ms)) return [];
    const pages = walk.pages.map(({ id }) => id);
    const what = `${walk.viewer} follows ${post.actor}, and lacks post ${seen.post_id}`;
    return [broken(what, [post.id, follow.id, ...pages])];
  });
}
