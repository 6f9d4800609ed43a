import * as media from "./media.repository";
import { MediaInUseError, MediaNotFoundError } from "./media.errors";
import { type MediaParts, originalKey, prefixOf } from "./media-parts";
import * as removals from "./removals.repository";
import * as uploads from "./uploads.repository";

/** Objects go after the commit that deleted their row; what a crash leaves, the sweeper removes. */
export async function removeObjects(parts: MediaParts, removed: readonly removals.Removed[]): Promise<void> {
  for (const { id, is_in_work } of removed) {
    await parts.urls.forgetUpload(id);
    await parts.objects.removePrefix(prefixOf(id));
    if (!is_in_work) await removals.settle(parts.sql, id);
  }
}

/** Also an upload that is not completed. @throws {MediaNotFoundError | MediaInUseError} */
export async function deleteOwn(parts: MediaParts, own: { id: string; user_id: number }): Promise<void> {
  const isUnfinished = (await uploads.findOwn(parts.sql, own)) !== undefined;
  if (isUnfinished && (await removeUnfinished(parts, own.id))) return;
  await deleteCompleted(parts, own);
}

async function deleteCompleted(parts: MediaParts, own: { id: string; user_id: number }): Promise<void> {
  const removed = await removals.removeUnused(parts.sql, own);
  if (removed.length === 0) {
    const row = await media.find(parts.sql, own.id);
    throw row?.user_id === own.user_id ? new MediaInUseError() : new MediaNotFoundError();
  }
  await removeObjects(parts, removed);
}

/** From the first step on it cannot be completed any more. False where it was completed, or removed, before. */
export async function removeUnfinished(parts: MediaParts, id: string): Promise<boolean> {
  const isOurs = await removals.makeDue(parts.sql, id);
  if (isOurs) await removeObjects(parts, [{ id, is_in_work: false }]);
  else await removeLate(parts, id);
  return isOurs;
}

/** What was stored while its upload ended: the rest of it is gone, or goes without it. */
export async function removeLate({ sql, objects }: MediaParts, id: string): Promise<void> {
  const row = await media.find(sql, id);
  if (row === undefined) await objects.removePrefix(prefixOf(id));
  else if (row.status !== "processing") await objects.removePrefix(originalKey(id));
}

export async function deleteOfPost(
  parts: MediaParts,
  post: { post_id: string; user_id: number; media_ids: readonly string[] },
): Promise<void> {
  for (const media_id of post.media_ids) {
    const { post_id, user_id } = post;
    await removeObjects(parts, await removals.removeOfPost(parts.sql, { media_id, user_id, post_id }));
  }
}

export async function deleteOfUser(parts: MediaParts, userId: number): Promise<void> {
  for (const id of await uploads.idsOfUser(parts.sql, userId)) await removeUnfinished(parts, id);
  for (;;) {
    const removed = await removals.removeSomeOfUser(parts.sql, userId);
    if (removed.length === 0) return;
    await removeObjects(parts, removed);
  }
}

export async function deleteAvatar(parts: MediaParts, own: { media_id: string; user_id: number }): Promise<void> {
  await removeObjects(parts, await removals.removeAvatar(parts.sql, own));
}

export async function collectUnused(parts: MediaParts): Promise<void> {
  for (;;) {
    const removed = await removals.removeSomeUnused(parts.sql, parts.config.unusedMediaSeconds);
    if (removed.length === 0) return;
    await removeObjects(parts, removed);
  }
}

/** Objects of rows that are gone, and of uploads that never got a row. */
export async function removeLeftovers(parts: MediaParts): Promise<void> {
  for (const id of await removals.due(parts.sql)) await removeObjects(parts, [{ id, is_in_work: false }]);
}
