import { decodeCursor, pageOf } from "../../lib/cursor";
import { BadCursorError } from "../../lib/errors";
import type { Database } from "../../mixins/postgres/sql";
import { isTimestamp } from "./find-accounts";
import * as sessions from "./sessions.repository";

/** Open sessions, newest first; the one that asks is marked. */
export async function listSessions(
  db: Database,
  userId: number,
  { limit, cursor, session_id }: { limit: number; cursor?: string; session_id?: string },
) {
  const before = cursor === undefined ? undefined : positionOf(cursor);
  const rows = await sessions.list(db, userId, before, limit + 1);
  return pageOf(
    rows,
    limit,
    ({ created_at, id }) => [created_at, id],
    (session) => ({ ...session, is_current: session.id === session_id }),
  );
}

function positionOf(cursor: string): { created_at: string; id: string } {
  const [created_at, id] = decodeCursor(cursor, ["string", "string"]);
  if (!isTimestamp(created_at) || id.includes("\0")) throw new BadCursorError();
  return { created_at, id };
}
