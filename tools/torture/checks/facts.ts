import type { EdgeStatus } from "../deeds";
import { deedsOf, type History, type Operation } from "../history";
import { Registers, type Write } from "./register";

/** So long what was cached of before may still be shown where the writer could not reach Redis (chapter 6 of the design). */
export const BOUND_MS = 30_000;
/** What everybody set, as the history tells it. */
export interface Facts {
  /** By follower and followed. */
  edges: Registers<EdgeStatus>;
  /** By blocker and blocked. */
  blocks: Registers<boolean>;
  mutes: Registers<boolean>;
  /** By viewer and post. */
  hides: Registers<boolean>;
  likes: Registers<boolean>;
  /** By person. */
  privacy: Registers<boolean>;
  /** By post, once it was made. */
  deletions: Registers<boolean>;
  archives: Registers<boolean>;
  commentDeletions: Registers<boolean>;
}

export function factsOf(history: History): Facts {
  const facts: Facts = {
    edges: new Registers<EdgeStatus>("none"),
    ...{ blocks: new Registers(false), mutes: new Registers(false), hides: new Registers(false) },
    ...{ likes: new Registers(false), privacy: new Registers(false) },
    ...{ deletions: new Registers(false), archives: new Registers(false), commentDeletions: new Registers(false) },
  };
  const late = lateness(history);
  const write = <V>(operation: Operation, value: V): Write<V> => writeOf(operation, value, late(operation));
  for (const operation of history.operations) {
    const { actor, deed, args } = operation;
    if (deed === "block") {
      facts.blocks.of(actor, args.user_id).add(write(operation, args.on));
      if (!args.on) continue;
      facts.edges.of(actor, args.user_id).add(write(operation, "none"));
      facts.edges.of(args.user_id, actor).add(write(operation, "none"));
    } else if (deed === "mute") facts.mutes.of(actor, args.user_id).add(write(operation, args.on));
    else if (deed === "hide") facts.hides.of(actor, args.post_id).add(write(operation, args.on));
    else if (deed === "like") facts.likes.of(actor, args.post_id).add(write(operation, args.on));
    else if (deed === "setPrivate") facts.privacy.of(actor).add(write(operation, args.on));
    else if (deed === "deletePost") facts.deletions.of(args.post_id).add(write(operation, true));
    else if (deed === "archive") facts.archives.of(args.post_id).add(write(operation, args.on));
    else if (deed === "deleteComment") facts.commentDeletions.of(args.comment_id).add(write(operation, true));
    else if (deed === "accept") facts.edges.of(args.user_id, actor).add(write(operation, "accepted"));
  }
  addFollows(history, facts, write);
  return facts;
}

/** A request may become a follow from the moment on at which the account opened or its owner accepted, for as long as it stands. */
function addFollows(history: History, { edges }: Facts, write: <V>(operation: Operation, value: V) => Write<V>): void {
  const openings = deedsOf(history, "setPrivate").filter(({ args, outcome }) => !args.on && outcome !== "refused");
  const acceptances = deedsOf(history, "accept").filter(({ outcome }) => outcome !== "refused");
  for (const follow of deedsOf(history, "follow")) {
    const { actor, args, result } = follow;
    const edge = edges.of(actor, args.user_id);
    if (!args.on) {
      edge.add(write(follow, "none"));
      continue;
    }
    const written = write(follow, result?.status ?? "accepted");
    edge.add(written);
    if (result?.status === "accepted") continue;
    // What nobody answered for may have been either.
    if (result === undefined) edge.add({ ...written, value: "pending", isSure: false });
    const owners = openings.filter((opening) => opening.actor === args.user_id);
    const answers = acceptances.filter((one) => one.actor === args.user_id && one.args.user_id === actor);
    for (const { invoked_ms, id } of [...owners, ...answers]) {
      const from_ms = Math.max(written.from_ms, invoked_ms);
      edge.add({ value: "accepted", from_ms, by_ms: written.by_ms, isSure: false, op: id });
    }
  }
}

/** What was refused may yet have happened, at its first try, before a second one was refused for that. */
function writeOf<V>({ id, invoked_ms, completed_ms, outcome }: Operation, value: V, lateMs: number): Write<V> {
  return { value, from_ms: invoked_ms, by_ms: completed_ms + lateMs, isSure: outcome === "ok", op: id };
}

/** How much later than its answer a write may be seen. */
function lateness({ episodes }: History): (operation: Operation) => number {
  const absences = episodes.filter(({ kind }) => kind === "redis-absent");
  return ({ deed, invoked_ms, completed_ms }) => {
    if (!["block", "follow", "mute", "hide", "like", "accept", "setPrivate", "deletePost", "archive"].includes(deed))
      return 0;
    const isHit = absences.some(({ from_ms, to_ms }) => from_ms <= completed_ms && invoked_ms <= to_ms);
    return isHit ? BOUND_MS : 0;
  };
}
