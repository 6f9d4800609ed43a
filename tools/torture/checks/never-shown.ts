import type { SeenPost } from "../deeds";
import { deedsOf, type Operation } from "../history";
import type { Facts } from "./facts";
import type { Write } from "./register";
import type { Check, Violation } from "./violation";

interface Moment {
  viewer: number;
  from_ms: number;
  to_ms: number;
}

interface Reason {
  why: string;
  because: (Write<unknown> | undefined)[];
}

/** Promise 3: nothing blocked, private and unfollowed, archived, or deleted is in an answer; nor, in a feed, what else does not belong there. */
export const neverShown: Check = ({ history, facts }) => {
  const violations: Violation[] = [];
  const look = (operation: Operation, posts: readonly SeenPost[], isFeed: boolean): void => {
    const moment = { viewer: operation.actor, from_ms: operation.invoked_ms, to_ms: operation.completed_ms };
    for (const post of posts) {
      const reason = whyNot(facts, post, moment) ?? (isFeed ? whyNotInFeed(facts, post, moment) : undefined);
      if (reason === undefined) continue;
      violations.push({
        promise: 3,
        what: `${operation.deed} of ${operation.actor} shows post ${post.post_id} of ${post.user_id}: ${reason.why}`,
        operations: [...reason.because.flatMap((write) => (write ? [write.op] : [])), operation.id],
      });
    }
  };
  for (const read of history.operations) {
    if (read.result === undefined || read.result === null) continue;
    if (read.deed === "feed") look(read, read.result.posts, true);
    if (read.deed === "profile" || read.deed === "readPosts") look(read, read.result.posts, false);
    if (read.deed === "readPost") look(read, [{ ...read.args, ...read.result, created_at_ms: 0 }], false);
  }
  return [...violations, ...deletedComments({ history, facts, state: undefined })];
};

/** Why this viewer may not see the post at any moment of the time, if so. */
function whyNot(facts: Facts, { post_id, user_id }: SeenPost, moment: Moment): Reason | undefined {
  const { viewer, from_ms, to_ms } = moment;
  const deletion = facts.deletions.of(post_id);
  if (deletion.mustBe(true, from_ms, to_ms)) return { why: "it was deleted", because: [deletion.lastSure(from_ms)] };
  if (viewer === user_id) return undefined;
  const archive = facts.archives.of(post_id);
  if (archive.mustBe(true, from_ms, to_ms)) return { why: "it is archived", because: [archive.lastSure(from_ms)] };
  for (const block of [facts.blocks.of(viewer, user_id), facts.blocks.of(user_id, viewer)])
    if (block.mustBe(true, from_ms, to_ms)) return { why: "they are blocked", because: [block.lastSure(from_ms)] };
  const privacy = facts.privacy.of(user_id);
  const edge = facts.edges.of(viewer, user_id);
  if (!privacy.mustBe(true, from_ms, to_ms) || edge.mayBe("accepted", from_ms, to_ms)) return undefined;
  const because = [privacy.lastSure(from_ms), edge.lastSure(from_ms)];
  return { why: "its author is private and not followed", because };
}

/** Why it does not belong in the viewer's feed, who may see it elsewhere. */
function whyNotInFeed(facts: Facts, { post_id, user_id }: SeenPost, moment: Moment): Reason | undefined {
  const { viewer, from_ms, to_ms } = moment;
  const edge = facts.edges.of(viewer, user_id);
  if (!edge.mayBe("accepted", from_ms, to_ms))
    return { why: "its author is not followed", because: [edge.lastSure(from_ms)] };
  const mute = facts.mutes.of(viewer, user_id);
  if (mute.mustBe(true, from_ms, to_ms)) return { why: "its author is muted", because: [mute.lastSure(from_ms)] };
  const hide = facts.hides.of(viewer, post_id);
  if (hide.mustBe(true, from_ms, to_ms)) return { why: "it is hidden", because: [hide.lastSure(from_ms)] };
  return undefined;
}

const deletedComments: Check = ({ history, facts }) =>
  deedsOf(history, "comments").flatMap((read) =>
    (read.result?.comments ?? []).flatMap(({ comment_id }): Violation[] => {
      const deletion = facts.commentDeletions.of(comment_id);
      if (!deletion.mustBe(true, read.invoked_ms, read.completed_ms)) return [];
      const deletedBy = deletion.lastSure(read.invoked_ms);
      return [
        {
          promise: 3,
          what: `comments of ${read.actor} shows comment ${comment_id}, which was deleted`,
          operations: [...(deletedBy ? [deletedBy.op] : []), read.id],
        },
      ];
    }),
  );
