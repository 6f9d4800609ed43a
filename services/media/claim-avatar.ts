import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../lib/errors";
import type { Call } from "../define-service";
import * as claims from "./claims.repository";
import { MediaNotUsableError, type UnusableReason } from "./media.errors";
import * as media from "./media.repository";
import type { MediaRow } from "./media.repository";
import type { MediaParts } from "./media-parts";
import { publicPath } from "./present-media";
import { deleteAvatar } from "./remove-media";

const PATIENCE_MS = 5_000;
/** A change of avatar that is still open after so long broke off. */
export const UNSETTLED_SECONDS = 3_600;

/**
 * Makes a ready image the avatar, or with null takes the avatar away, and deletes the upload that it replaced. The profile
 * decides which avatar is shown; a repeat after a crash ends the same.
 */
export async function claimAvatar(
  parts: MediaParts,
  call: Call,
  { media_id, user_id }: { media_id: string | null; user_id: number },
): Promise<void> {
  await oneAtATime(parts, user_id, async () => {
    const row = media_id === null ? undefined : await claims.claimAsAvatar(parts.sql, { media_id, user_id });
    if (media_id !== null && row === undefined) throw await refusal(parts, media_id, user_id);
    const renditions = row?.renditions.map((rendition) => {
      const { name, width, height, format, bytes } = rendition;
      return { name, path: publicPath(row, rendition), width, height, format, bytes };
    });
    const { previous_media_id } = await call("auth.setAvatar", { media_id, renditions: renditions ?? [] });
    if (previous_media_id !== null && previous_media_id !== media_id)
      await deleteAvatar(parts, { media_id: previous_media_id, user_id });
    // Last, so that whatever broke off before is found by the sweeper.
    if (media_id !== null) await claims.confirmAvatar(parts.sql, media_id);
  });
}

/** Uploads kept as an avatar that the profile does not show go; one that it shows is confirmed. */
export async function settleAvatars(parts: MediaParts, call: Call): Promise<void> {
  for (const user_id of await claims.peopleWithUnsettledAvatar(parts.sql, UNSETTLED_SECONDS)) {
    await oneAtATime(parts, user_id, async () => {
      const { users } = await call("auth.getMany", { user_ids: [user_id] });
      const shown = users[0]?.avatar?.map(({ url }) => url) ?? [];
      for (const media_id of await claims.avatarsOf(parts.sql, user_id, UNSETTLED_SECONDS)) {
        const isShown = shown.some((url) => url.includes(`/media/${media_id}/`));
        if (isShown) await claims.confirmAvatar(parts.sql, media_id);
        else await deleteAvatar(parts, { media_id, user_id });
      }
    });
  }
}

/** Two changes of one person's avatar at once could each delete the other's. */
async function oneAtATime(parts: MediaParts, userId: number, work: () => Promise<void>): Promise<void> {
  const shard = parts.sql.at(userId);
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const isDone = await shard.withLock(`media.avatar:${userId}`, async () => {
      await work();
      return true;
    });
    if (isDone) return;
    if (Date.now() > until) throw new UnavailableError();
    await sleep(20 + Math.random() * 30);
  }
}

async function refusal(parts: MediaParts, media_id: string, userId: number): Promise<MediaNotUsableError> {
  const row = await media.find(parts.sql, media_id);
  return new MediaNotUsableError([{ media_id, reason: reasonAgainst(row?.user_id === userId ? row : undefined) }]);
}

function reasonAgainst(row: MediaRow | undefined): UnusableReason {
  if (row === undefined) return "missing";
  if (row.kind !== "image") return "not_image";
  return row.status === "ready" ? "used" : row.status;
}
