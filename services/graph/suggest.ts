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
import { type Seen, seeAccounts } from "./see-accounts";
import type { Graph } from "./under-lock";

/** Followed accounts that are asked, the newest first, and candidates that each shard answers: they bound the work. */
const FRIENDS = 1000;
const CANDIDATES = 2000;

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

/** Friends of friends, those with most mutual friends first; for who follows nobody, those with most followers. */
export async function suggest(graph: Graph, ctx: Asking): Promise<Page<Suggestion>> {
  const edges = await lists.edgesFrom(graph.sql, ctx.meta.viewer.id);
  const known = [ctx.meta.viewer.id, ...idsOf(edges)];
  const friends = idsOf(edges.filter(({ status }) => status === "accepted"));
  const isNew = friends.length === 0;
  const read = isNew ? popular(graph) : await friendsOfFriends(graph, friends, known);
  const left = new Set(known);
  return fillPage<Candidate, Suggestion>(
    {
      limit: ctx.params.limit,
      read,
      positionOf: ({ score, user_id }) => [score, user_id],
      async present(candidates) {
        const unknown = candidates.filter(({ user_id }) => !left.has(user_id));
        const accounts = await seeAccounts(graph, ctx, idsOf(unknown));
        return candidates.map(({ user_id, score }) => {
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

function popular(graph: Graph) {
  return async (after: Candidate | undefined, limit: number): Promise<Candidate[]> => {
    const position = after && { follower_count: after.score, user_id: after.user_id };
    const rows = await people.popular(graph.sql, position, limit);
    return rows.map(({ user_id, follower_count }) => ({ user_id, score: follower_count }));
  };
}

async function friendsOfFriends(graph: Graph, friends: readonly number[], known: readonly number[]) {
  const counts = await lists.followedBy(graph.sql, friends.slice(0, FRIENDS), known, CANDIDATES);
  const candidates = [...counts].map(([user_id, score]) => ({ user_id, score })).sort(byScore);
  return (after: Candidate | undefined, limit: number): Candidate[] => {
    const rest = after === undefined ? candidates : candidates.filter((candidate) => byScore(candidate, after) > 0);
    return rest.slice(0, limit);
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
