import { randomBytes } from "node:crypto";
import { Readable, type Stream } from "node:stream";
import { newId } from "../../lib/ids";
import { MediaTooLargeError, UploadBrokenOffError } from "./media.errors";
import * as media from "./media.repository";
import type { MediaRow } from "./media.repository";
import { type MediaParts, originalKey, prefixOf } from "./media-parts";
import { readIncoming } from "./read-incoming";
import { recognise } from "./recognise";
import * as removals from "./removals.repository";
import { countUpload } from "./upload-metrics";

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
    const maxBytes = kind === "image" ? parts.config.imageMaxBytes : parts.config.videoMaxBytes;
    const bytes = incoming.all(maxBytes, () => new MediaTooLargeError(kind, maxBytes));
    const id = newId();
    await removals.announce(parts.sql, id, UPLOAD_SECONDS);
    try {
      const size = await store(parts, id, bytes, mime);
      const secret = randomBytes(16).toString("base64url");
      const row = await keep(parts, { id, user_id, kind, mime, bytes: size, alt_text, secret });
      countUpload(parts.broker, kind, size);
      parts.queue.add(id);
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

async function keep({ sql }: MediaParts, row: media.NewMedia): Promise<MediaRow> {
  return sql.at(row.id).transaction(async (tx) => {
    if (!(await removals.callOff(tx, row.id))) throw new UploadBrokenOffError();
    return media.insert(tx, row);
  });
}
