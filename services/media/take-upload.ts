import { Readable, type Stream } from "node:stream";
import { newId } from "../../lib/ids";
import { keepUpload } from "./keep-upload";
import { maxBytesOf } from "./limit-size";
import { MediaTooLargeError, UploadBrokenOffError } from "./media.errors";
import type { MediaRow } from "./media.repository";
import { type MediaParts, originalKey, prefixOf } from "./media-parts";
import { readIncoming } from "./read-incoming";
import { recognise } from "./recognise";
import * as removals from "./removals.repository";

/** An upload that takes longer is given up. */
const UPLOAD_SECONDS = 2 * 3_600;

/**
 * Stores one file as it comes in, knowing it by its first bytes, and leaves its renditions to the queue. Whatever goes wrong,
 * nothing of it stays.
 */
export async function takeUpload(
  parts: MediaParts,
  { user_id, alt_text }: { user_id: number; alt_text: string },
  source: Stream | null,
): Promise<MediaRow> {
  // Where the sender fails late, an error that nobody hears would end the process.
  source?.on("error", () => undefined);
  try {
    const incoming = await readIncoming(source);
    const { kind, mime } = recognise(incoming.head, parts.ffmpeg);
    const maxBytes = maxBytesOf(parts.config, kind);
    const bytes = incoming.all(maxBytes, () => new MediaTooLargeError(kind, maxBytes));
    const id = newId();
    await removals.announce(parts.sql, id, UPLOAD_SECONDS);
    try {
      const size = await store(parts, id, bytes, mime);
      const row = await keepUpload(parts, { id, user_id, kind, mime, bytes: size, alt_text });
      if (row === undefined) throw new UploadBrokenOffError();
      return row;
    } catch (error) {
      await parts.objects.removePrefix(prefixOf(id));
      await removals.settle(parts.sql, id);
      throw error;
    }
  } finally {
    if (source instanceof Readable) source.destroy();
  }
}

/** The stream's own failure, for the store may have made another of it. */
async function store({ objects }: MediaParts, id: string, bytes: Readable, mime: string): Promise<number> {
  let failure: Error | undefined;
  bytes.once("error", (error) => (failure = error));
  try {
    const { sizeBytes } = await objects.put(originalKey(id), bytes, { contentType: mime });
    return sizeBytes;
  } catch (error) {
    throw failure ?? error;
  }
}
