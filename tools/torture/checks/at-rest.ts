import { feedOf } from "../feed-of";
import type { History } from "../history";
import type { State, Stores } from "../state";
import { countBy } from "./group-by";
import type { Check, Violation } from "./violation";

/** Promise 4: at rest every counter equals its edges, and every feed is what a feed is. */
export const atRest: Check = ({ history, state }) => {
  if (state === undefined) return [];
  const given = state.dead_letters === 0 ? [] : [broken(`${state.dead_letters} events were given up: dead letters`)];
  return [...given, ...counters(state), ...blockPairs(state.stores), ...feeds(history, state)];
};

function broken(what: string, operations: number[] = []): Violation {
  return { promise: 4, what, operations };
}

function counters({ stores, api }: State): Violation[] {
  const violations: Violation[] = [];
  const compare = (what: string, counted: number, edges: number): void => {
    if (counted !== edges) violations.push(broken(`${what} counts ${counted} of ${edges}`));
  };
  const likes = countBy(stores.likes, ({ post_id }) => post_id);
  const comments = countBy(stores.comments, ({ post_id }) => post_id);
  for (const { post_id, like_count, comment_count } of [...stores.posts, ...Object.values(api.profiles).flat()]) {
    compare(`post ${post_id}: likes`, like_count, likes.get(post_id) ?? 0);
    compare(`post ${post_id}: comments`, comment_count, comments.get(post_id) ?? 0);
  }
  const accepted = stores.follows.filter(({ status }) => status === "accepted");
  const followers = countBy(accepted, ({ following_id }) => following_id);
  const following = countBy(accepted, ({ follower_id }) => follower_id);
  const posts = countBy(stores.posts, ({ user_id }) => user_id);
  for (const { user_id, follower_count, following_count, post_count } of stores.counts) {
    compare(`person ${user_id}: followers`, follower_count, followers.get(user_id) ?? 0);
    compare(`person ${user_id}: followed`, following_count, following.get(user_id) ?? 0);
    compare(`person ${user_id}: posts`, post_count, posts.get(user_id) ?? 0);
  }
  return violations;
}

/** A block stands once under each person's key. */
function blockPairs({ blocks }: Stores): Violation[] {
  const rows = new Set(blocks.map(({ owner_id, other_id, kind }) => `${owner_id} ${kind} ${other_id}`));
  return blocks.flatMap(({ owner_id, other_id, kind }) => {
    const mirrored = `${other_id} ${kind === "blocking" ? "blocked_by" : "blocking"} ${owner_id}`;
    return rows.has(mirrored) ? [] : [broken(`${owner_id} is ${kind} ${other_id}, who knows nothing of it`)];
  });
}

function feeds({ operations }: History, { stores, api, feed_max_items }: State): Violation[] {
  return stores.people.flatMap(({ user_id }) => {
    const is = api.feeds[user_id] ?? [];
    const ought = feedOf(stores, user_id, feed_max_items);
    const at = ought.findIndex((post_id, i) => is[i] !== post_id);
    if (at === -1 && is.length === ought.length) return [];
    const place = at === -1 ? ought.length : at;
    const post_id = ought[place];
    const author = stores.posts.find((post) => post.post_id === (post_id ?? is[place]))?.user_id;
    const about = operations.filter(
      ({ deed, actor, args, outcome }) =>
        outcome !== "refused" &&
        ((deed === "follow" && actor === user_id && args.user_id === author) ||
          (deed === "post" &&
            actor === author &&
            stores.posts.some((one) => one.key === args.key && one.post_id === (post_id ?? is[place])))),
    );
    const shown = is[place] ?? "nothing";
    return [
      broken(
        `the feed of ${user_id} has ${shown} of ${author} in place ${place + 1}, where ${post_id ?? "nothing"} belongs (${is.length} of ${ought.length})`,
        about.map(({ id }) => id),
      ),
    ];
  });
}
