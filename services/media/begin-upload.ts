import { newId } from "../../lib/ids";
import type { ParamsOf, ResultOf } from "../contracts";
import { limitSize } from "./limit-size";
import { TooManyUploadsError } from "./media.errors";
import { type MediaParts, originalKey } from "./media-parts";
import { partSizeOf } from "./plan-parts";
import { presentUpload } from "./present-upload";
import { recogniseDeclared } from "./recognise";
import * as removals from "./removals.repository";
import * as uploads from "./uploads.repository";

/** Each keeps room in the object store until it expires. Many asked for at once may pass it by a few. */
const MOST_UNFINISHED = 50;

/**
 * Begins an upload in parts of what the client says it has.
 * @throws {UnsupportedMediaError | MediaTooLargeError | TooManyUploadsError}
 */
export async function beginUpload(
  parts: MediaParts,
  user_id: number,
  { size_bytes, content_type, alt_text = "" }: ParamsOf<"media.presign">,
): Promise<ResultOf<"media.presign">> {
  const kind = recogniseDeclared(content_type, parts.ffmpeg);
  limitSize(parts.config, kind, size_bytes);
  const unfinished = await uploads.idsOfUser(parts.sql, user_id);
  if (unfinished.length >= MOST_UNFINISHED) throw new TooManyUploadsError(MOST_UNFINISHED);
  const media_id = newId();
  await removals.announce(parts.sql, media_id, parts.config.unusedMediaSeconds);
  const { name } = await parts.partUploads.begin(originalKey(media_id));
  const upload = { media_id, user_id, kind, size_bytes, alt_text, store_name: name };
  await uploads.insert(parts.sql, { ...upload, part_size_bytes: partSizeOf(size_bytes) });
  return presentUpload(parts, { id: media_id, user_id });
}
