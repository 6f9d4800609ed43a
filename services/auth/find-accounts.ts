import { decodeCursor, encodeCursor, pageOf } from "../../lib/cursor";
import { BadCursorError } from "../../lib/errors";
import type { Page } from "../../lib/fields";
import type { Database } from "../../mixins/postgres/sql";
import { namesFrom, usernameClaims } from "./claims.repository";
import { usernameKey } from "./username-rules";
import * as users from "./users.repository";

interface Paging {
  limit: number;
  cursor?: string;
}

/** How often a page is filled up again that deleted and suspended accounts made short. */
const REFILLS = 8;

/** Bearers of these names, in the order asked; names that nobody bears are left out, repeated ones given once. */
export async function findByUsernames(db: Database, usernames: readonly string[]): Promise<users.User[]> {
  const keys = [...new Set(usernames.map(usernameKey))];
  const claims = new Map((await usernameClaims.findMany(db, keys)).map((claim) => [claim.key, claim]));
  const confirmed = keys.flatMap((key) => claims.get(key) ?? []).filter(({ is_confirmed }) => is_confirmed);
  const found = await users.findMany(
    db,
    confirmed.map(({ user_id }) => user_id),
  );
  return confirmed.flatMap(({ user_id }) => found.get(user_id) ?? []);
}

/** In alphabetical order of the compared form, less those that `isShown` leaves out. */
export async function findByPrefix(
  db: Database,
  q: string,
  { limit, cursor }: Paging,
  isShown: (user: users.User) => boolean,
): Promise<Page<users.User>> {
  const prefix = usernameKey(q);
  let [position] = cursor === undefined ? [""] : decodeCursor(cursor, ["string"]);
  if (position.includes("\0")) throw new BadCursorError();
  if (prefix.includes("\0")) return { items: [], next_cursor: null };

  const shown: { name: string; user: users.User }[] = [];
  for (let round = 0; round <= REFILLS; round++) {
    const names = await namesFrom(db, prefix, position, limit + 1);
    const found = await users.findMany(
      db,
      names.map(({ user_id }) => user_id),
    );
    for (const { username: name, user_id } of names) {
      const user = found.get(user_id);
      if (user && isShown(user)) shown.push({ name, user });
    }
    const isEnd = names.length <= limit;
    if (isEnd || shown.length > limit) {
      return pageOf(
        shown,
        limit,
        ({ name }) => [name],
        ({ user }) => user,
      );
    }
    position = names.at(-1)?.username ?? position;
  }
  return { items: shown.map(({ user }) => user), next_cursor: encodeCursor([position]) };
}

export async function findNewest(db: Database, { limit, cursor }: Paging): Promise<Page<users.User>> {
  const before = cursor === undefined ? undefined : positionOf(cursor);
  const rows = await users.newest(db, before, limit + 1);
  return pageOf(
    rows,
    limit,
    ({ created_at, id }) => [created_at, id],
    (user) => user,
  );
}

function positionOf(cursor: string): { created_at: string; id: number } {
  const [created_at, id] = decodeCursor(cursor, ["string", "number"]);
  if (!isTimestamp(created_at) || !Number.isSafeInteger(id)) throw new BadCursorError();
  return { created_at, id };
}

/** Whether this is a time as our cursors write it: anything else would be an error of PostgreSQL's. */
export function isTimestamp(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && time.toISOString() === text;
}
