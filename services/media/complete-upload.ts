import { buffer } from "node:stream/consumers";
import { ObjectMissingError, PartsMissingError } from "../../mixins/objects";
import { keepUpload } from "./keep-upload";
import { limitSize } from "./limit-size";
import { MediaNotFoundError, UnsupportedMediaError, UploadIncompleteError } from "./media.errors";
import * as media from "./media.repository";
import type { MediaRow } from "./media.repository";
import { type MediaParts, originalKey } from "./media-parts";
import { planParts } from "./plan-parts";
import { inStore } from "./present-upload";
import { recognise } from "./recognise";
import { removeLate, removeUnfinished } from "./remove-media";
import { SNIFF_BYTES, type Sniffed } from "./sniff";
import * as uploads from "./uploads.repository";
import type { UploadRow } from "./uploads.repository";

/**
 * Makes an ordinary upload of one whose parts are all there; a repeat answers with the same. What may not be kept is removed.
 * @throws {UploadIncompleteError} naming the parts that are still to come: it can go on.
 * @throws {UnsupportedMediaError | MediaTooLargeError} for what the bytes turn out to be.
 * @throws {MediaNotFoundError} also when it has expired.
 */
export async function completeUpload(parts: MediaParts, own: { id: string; user_id: number }): Promise<MediaRow> {
  const upload = await uploads.findOwn(parts.sql, own);
  const row = upload && (await complete(parts, upload));
  if (row !== undefined) return row;
  if (upload !== undefined) await removeLate(parts, own.id);
  return completedBefore(parts, own);
}

/** Undefined where somebody beside us has completed it, or it has expired. */
async function complete(parts: MediaParts, upload: UploadRow): Promise<MediaRow | undefined> {
  const { media_id: id, user_id, alt_text, size_bytes: bytes } = upload;
  if (!(await join(parts, upload))) return undefined;
  const head = await headOf(parts, id);
  if (head === undefined) return undefined;
  const { kind, mime } = await accept(parts, upload, head);
  return keepUpload(parts, { id, user_id, kind, mime, bytes, alt_text });
}

/** False where the upload is no longer there. What was joined by a repeat of this that broke off, is joined. */
async function join({ sql, objects, partUploads }: MediaParts, upload: UploadRow): Promise<boolean> {
  const key = originalKey(upload.media_id);
  if ((await objects.stat(key)) !== undefined) return true;
  try {
    await partUploads.complete(inStore(upload), planParts(upload));
    return true;
  } catch (error) {
    if (!(error instanceof PartsMissingError)) throw error;
    if ((await objects.stat(key)) !== undefined) return true;
    if ((await uploads.find(sql, upload.media_id)) === undefined) return false;
    throw new UploadIncompleteError(error.numbers);
  }
}

/** Undefined where it was completed beside us, and processed since. */
async function headOf({ objects }: MediaParts, id: string): Promise<Buffer | undefined> {
  try {
    return await buffer(await objects.read(originalKey(id), { start: 0, end: SNIFF_BYTES - 1 }));
  } catch (error) {
    if (error instanceof ObjectMissingError) return undefined;
    throw error;
  }
}

async function accept(parts: MediaParts, upload: UploadRow, head: Buffer): Promise<Sniffed> {
  try {
    const found = recognise(head, parts.ffmpeg);
    if (found.kind !== upload.kind)
      throw new UnsupportedMediaError(`The upload was declared as ${upload.kind}, and its content is ${found.mime}.`);
    limitSize(parts.config, found.kind, upload.size_bytes);
    return found;
  } catch (error) {
    await removeUnfinished(parts, upload.media_id);
    throw error;
  }
}

async function completedBefore({ sql }: MediaParts, own: { id: string; user_id: number }): Promise<MediaRow> {
  const row = await media.find(sql, own.id);
  if (row?.user_id !== own.user_id) throw new MediaNotFoundError();
  return row;
}
