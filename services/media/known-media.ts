import type { ObjectFacts } from "../../mixins/objects";
import * as media from "./media.repository";
import type { MediaRow } from "./media.repository";
import type { MediaParts } from "./media-parts";

/** Uploads by id, less what does not exist: those in use from the cache, the others from the table. */
export async function findKnown({ sql, urls }: MediaParts, ids: readonly string[]): Promise<Map<string, MediaRow>> {
  const kept = await urls.uploads(ids);
  const found = new Map(kept.filter((row) => row !== undefined).map((row) => [row.id, row]));
  const missing = ids.filter((id) => !found.has(id));
  if (missing.length === 0) return found;
  const rows = await media.findMany(sql, missing);
  for (const row of rows) found.set(row.id, row);
  await Promise.all(rows.filter(isSettled).map((row) => urls.keepUpload(row.id, row)));
  return found;
}

/** What is in use for good can only be described anew, archived or deleted, and each forgets it: a claim that may be released is not kept. */
function isSettled({ status, confirmed_at }: MediaRow): boolean {
  return status === "ready" && confirmed_at !== null;
}

/** Size and etag of an object whose upload exists, from the cache where it was asked for before. */
export async function statKnown({ objects, urls }: MediaParts, key: string): Promise<ObjectFacts | undefined> {
  const known = await urls.object(key);
  if (known !== undefined) return known;
  const facts = await objects.stat(key);
  if (facts !== undefined) await urls.keepObject(key, facts);
  return facts;
}
