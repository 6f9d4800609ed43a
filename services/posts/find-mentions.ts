import { extractTags, normalizeTag } from "./extract-tags";
import type { Asking } from "./posts-store";

/** What one call of auth takes. */
const NAMES_AT_ONCE = 200;

export interface TextTags {
  hashtags: string[];
  mentions: string[];
}

/** A text's hashtags, and the names in it that somebody bears: of what one "@" may mean the longest. */
export async function findTags(asking: Asking, text: string): Promise<TextTags> {
  const { hashtags, mentions } = extractTags(text);
  const names = [...new Set(mentions.flat())];
  // A caption has room for a handful of these calls at most, and they run side by side.
  const answers = await Promise.all(
    Array.from({ length: Math.ceil(names.length / NAMES_AT_ONCE) }, (_, i) =>
      asking.call("auth.findByUsernames", { usernames: names.slice(i * NAMES_AT_ONCE, (i + 1) * NAMES_AT_ONCE) }),
    ),
  );
  const borne = new Set(answers.flatMap(({ users }) => users.map(({ username }) => normalizeTag(username))));
  const found = mentions.map((candidates) => candidates.find((name) => borne.has(name)));
  return { hashtags, mentions: [...new Set(found.filter((name) => name !== undefined))] };
}
