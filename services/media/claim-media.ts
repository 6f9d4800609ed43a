import * as claims from "./claims.repository";
import { MediaNotUsableError, type UnusableReason } from "./media.errors";
import * as media from "./media.repository";
import type { MediaRow } from "./media.repository";
import type { MediaParts } from "./media-parts";

interface PostMedia {
  post_id: string;
  user_id: number;
  media_ids: readonly string[];
}

/**
 * Reserves all of them for this post, or none. The same post may ask again.
 * @throws {MediaNotUsableError} naming which cannot be used, and why.
 */
export async function claimForPost(parts: MediaParts, post: PostMedia): Promise<MediaRow[]> {
  const { post_id, user_id, media_ids } = post;
  const rows = await readOwn(parts, post);
  const unusable = media_ids.flatMap((media_id, i) => {
    const reason = media_ids.indexOf(media_id) < i ? "used" : reasonAgainst(rows.get(media_id), post);
    return reason === undefined ? [] : [{ media_id, reason }];
  });
  if (unusable.length > 0) throw new MediaNotUsableError(unusable);

  const mine: claims.Claim[] = [];
  try {
    // They lie on different shards. In one order for all, so that of two posts that race for several, one gets them.
    for (const media_id of [...media_ids].sort()) {
      const claim = { media_id, user_id, post_id };
      const outcome = await claims.claimForPost(parts.sql, claim);
      if (outcome === "refused") throw await refusal(parts, post, media_id);
      if (outcome === "new") mine.push(claim);
    }
  } catch (error) {
    for (const claim of mine) await claims.unclaim(parts.sql, claim);
    throw error;
  }
  const claimed = await readOwn(parts, post);
  return media_ids.map((media_id) => claimed.get(media_id)).filter((row) => row !== undefined);
}

async function readOwn(parts: MediaParts, { user_id, media_ids }: PostMedia): Promise<Map<string, MediaRow>> {
  const rows = await media.findMany(parts.sql, media_ids);
  return new Map(rows.filter((row) => row.user_id === user_id).map((row) => [row.id, row]));
}

function reasonAgainst(row: MediaRow | undefined, { post_id }: PostMedia): UnusableReason | undefined {
  if (row === undefined) return "missing";
  if (row.used_as !== null && row.post_id !== post_id) return "used";
  if (row.status === "failed" && row.post_id !== post_id) return "failed";
  return undefined;
}

/** What changed between the look and the claim. */
async function refusal(parts: MediaParts, post: PostMedia, media_id: string): Promise<MediaNotUsableError> {
  const row = (await readOwn(parts, { ...post, media_ids: [media_id] })).get(media_id);
  return new MediaNotUsableError([{ media_id, reason: reasonAgainst(row, post) ?? "used" }]);
}
