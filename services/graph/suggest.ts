import type { Viewer } from "../../lib/contract";
import { decodeCursor } from "../../lib/cursor";
import { BadCursorError } from "../../lib/errors";
import type { Page } from "../../lib/fields";
import { type Face, faceOf } from "../auth/auth.contract";
import type { Meta, TypedContext } from "../define-service";
import { fillPage } from "./fill-page";
import * as lists from "./follow-lists.repository";
import { idsOf, type Paging } from "./list-accounts";
import * as people from "./people.repository";
import { strangersAmong } from "./relations.repository";
import { type Seen, seeAccounts } from "./see-accounts";
import type { Graph } from "./under-lock";

/** Of whom the viewer follows, the newest are asked, each for the newest whom they follow: this bounds the work for everybody. */
const FRIENDS = 200;
const OF_EACH_FRIEND = 100;
/** Candidates that are checked at once: most of the first are followed already. */
const CHECKED = 250;

interface Suggestion {
  user: Face;
  mutual_count: number;
}

interface Candidate {
  user_id: number;
  /** Mutual friends, or where the viewer follows nobody, followers. */
  score: number;
}

type Asking = TypedContext<Paging, Meta & { viewer: Viewer }>;
type Read = (after: Candidate | undefined, limit: number) => Promise<Candidate[]> | Candidate[];

/** Friends of friends, those with most mutual friends first; for who follows nobody, those with most followers. */
export async function suggest(graph: Graph, ctx: Asking): Promise<Page<Suggestion>> {
  const viewerId = ctx.meta.viewer.id;
  const friends = idsOf(await lists.following(graph.sql, viewerId, undefined, FRIENDS));
  const isNew = friends.length === 0;
  const candidates = isNew ? popular(graph) : await friendsOfFriends(graph, friends);
  return fillPage<Candidate, Suggestion>(
    {
      limit: ctx.params.limit,
      read: strangers(graph, viewerId, candidates),
      positionOf: ({ score, user_id }) => [score, user_id],
      async present(found) {
        const accounts = await seeAccounts(graph, ctx, idsOf(found));
        return found.map(({ user_id, score }) => {
          const seen = accounts.get(user_id);
          if (seen === undefined || !isWelcome(seen)) return undefined;
          return { user: faceOf(seen.profile), mutual_count: isNew ? 0 : score };
        });
      },
    },
    positionFrom(ctx.params.cursor),
  );
}

function isWelcome({ visibility, relation }: Seen): boolean {
  return visibility !== "none" && !relation.is_muted;
}

/** Reads on until enough candidates are found with whom the viewer has nothing to do yet. */
function strangers(graph: Graph, viewerId: number, read: Read): Read {
  return async (after, limit) => {
    const found: Candidate[] = [];
    for (let last = after; found.length < limit;) {
      const some = await read(last, CHECKED);
      const unknown = await strangersAmong(graph.sql, viewerId, idsOf(some));
      found.push(...some.filter(({ user_id }) => unknown.has(user_id)));
      if (some.length < CHECKED) break;
      last = some.at(-1);
    }
    return found.slice(0, limit);
  };
}

function popular(graph: Graph): Read {
  return async (after, limit) => {
    const position = after && { follower_count: after.score, user_id: after.user_id };
    const rows = await people.popular(graph.sql, position, limit);
    return rows.map(({ user_id, follower_count }) => ({ user_id, score: follower_count }));
  };
}

async function friendsOfFriends(graph: Graph, friends: readonly number[]): Promise<Read> {
  const counts = await lists.countFollowed(graph.sql, friends, OF_EACH_FRIEND);
  const candidates = [...counts].map(([user_id, score]) => ({ user_id, score })).sort(byScore);
  return (after, limit) => {
    const next = after === undefined ? 0 : candidates.findIndex((candidate) => byScore(candidate, after) > 0);
    return next < 0 ? [] : candidates.slice(next, next + limit);
  };
}

function byScore(a: Candidate, b: Candidate): number {
  return b.score - a.score || a.user_id - b.user_id;
}

function positionFrom(cursor: string | undefined): Candidate | undefined {
  if (cursor === undefined) return undefined;
  const [score, user_id] = decodeCursor(cursor, ["number", "number"]);
  if (!Number.isSafeInteger(score) || !Number.isSafeInteger(user_id)) throw new BadCursorError();
  return { score, user_id };
}
