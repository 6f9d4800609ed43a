import type { TimelineEntry } from "./timelines";

/** In the order of their bytes, by which Redis orders members of one score: that of the ids that they stand for. */
const DIGITS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
const BASE = 64;
const VALUES = new Map(Array.from(DIGITS, (digit, value) => [digit, value]));
/** Three hexadecimal digits are as much as two of these. */
const PAIRS = Array.from({ length: BASE ** 2 }, (_, i) => DIGITS[Math.floor(i / BASE)]! + DIGITS[i % BASE]!);
const TRIPLES = new Map(PAIRS.map((pair, i) => [pair, i.toString(16).padStart(3, "0")]));
const ID_LENGTH = 16;

/** A post's id and its author, 25 bytes at most: as text in hexadecimal and decimal they would take a quarter more of Redis. */
export function memberOf({ post_id, user_id }: TimelineEntry): string {
  let author = "";
  for (let rest = user_id; rest > 0; rest = Math.floor(rest / BASE)) author = DIGITS[rest % BASE]! + author;
  return memberIdOf(post_id) + author;
}

/** That with which the member of a post begins. */
export function memberIdOf(postId: string): string {
  let text = "";
  for (let i = 0; i < postId.length; i += 3) text += PAIRS[Number.parseInt(postId.slice(i, i + 3), 16)]!;
  return text;
}

/** Of members and scores in turn. */
export function entriesOf(answer: readonly string[]): TimelineEntry[] {
  return Array.from({ length: answer.length / 2 }, (_, i) => entryOf(answer[2 * i] ?? "", answer[2 * i + 1] ?? ""));
}

function entryOf(member: string, score: string): TimelineEntry {
  let post_id = "";
  for (let i = 0; i < ID_LENGTH; i += 2) post_id += TRIPLES.get(member.slice(i, i + 2)) ?? "";
  let user_id = 0;
  for (let i = ID_LENGTH; i < member.length; i += 1) user_id = user_id * BASE + (VALUES.get(member[i]!) ?? 0);
  return { post_id, user_id, created_at_ms: Number(score) };
}
