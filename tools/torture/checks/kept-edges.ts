import type { Stores } from "../state";
import { countBy } from "./group-by";
import type { Register } from "./register";
import type { Check, Violation } from "./violation";

/** Promise 4, the other half: what the stores hold at rest is something that the acknowledged writes may have left. */
export const keptEdges: Check = ({ history, facts, state }) => {
  if (state === undefined) return [];
  const { stores } = state;
  const violations: Violation[] = [];
  const compare = <V>(register: Register<V>, is: V, what: string): void => {
    if (register.mayBe(is, Infinity, Infinity)) return;
    const last = register.lastSure(Infinity);
    violations.push({ promise: 4, what: `${what} is ${String(is)} at rest`, operations: last ? [last.op] : [] });
  };
  const edges = new Map(stores.follows.map((edge) => [`${edge.follower_id} ${edge.following_id}`, edge.status]));
  const has = rowsOf(stores);
  for (const { user_id: one, is_private } of stores.people) {
    compare(facts.privacy.of(one), is_private, `person ${one}: private`);
    for (const { user_id: other } of stores.people) {
      compare(facts.edges.of(one, other), edges.get(`${one} ${other}`) ?? "none", `the follow of ${other} by ${one}`);
      compare(facts.blocks.of(one, other), has.blocks.has(`${one} ${other}`), `the block of ${other} by ${one}`);
      compare(facts.mutes.of(one, other), has.mutes.has(`${one} ${other}`), `the mute of ${other} by ${one}`);
    }
    for (const { post_id } of stores.posts) {
      compare(facts.likes.of(one, post_id), has.likes.has(`${one} ${post_id}`), `the like of ${post_id} by ${one}`);
      compare(facts.hides.of(one, post_id), has.hides.has(`${one} ${post_id}`), `the hiding of ${post_id} by ${one}`);
    }
  }
  for (const { post_id, is_archived } of stores.posts)
    compare(facts.archives.of(post_id), is_archived, `the archiving of ${post_id}`);
  return [...violations, ...comments({ history, facts, state })];
};

function rowsOf({ blocks, mutes, likes, hides }: Stores) {
  const own = blocks.filter(({ kind }) => kind === "blocking");
  return {
    blocks: new Set(own.map(({ owner_id, other_id }) => `${owner_id} ${other_id}`)),
    mutes: new Set(mutes.map(({ user_id, muted_id }) => `${user_id} ${muted_id}`)),
    likes: new Set(likes.map(({ user_id, post_id }) => `${user_id} ${post_id}`)),
    hides: new Set(hides.map(({ user_id, post_id }) => `${user_id} ${post_id}`)),
  };
}

/** An acknowledged comment is there once, unless it or its post was deleted. */
const comments: Check = ({ history, facts, state }) => {
  const stored = countBy(state?.stores.comments ?? [], ({ key }) => key);
  const posts = new Set(state?.stores.posts.map(({ post_id }) => post_id));
  return history.operations.flatMap((comment): Violation[] => {
    if (comment.deed !== "comment" || comment.result === undefined || !posts.has(comment.args.post_id)) return [];
    const { comment_id } = comment.result;
    const times = stored.get(comment.args.key) ?? 0;
    if (!facts.commentDeletions.of(comment_id).mustBe(false, Infinity, Infinity) || times === 1) return [];
    return [{ promise: 4, what: `comment ${comment_id} is there ${times} times`, operations: [comment.id] }];
  });
};
