import { Readable, type Stream } from "node:stream";
import { PartSizeError } from "../../mixins/objects";
import type { ParamsOf } from "../contracts";
import { MediaNotFoundError, WrongPartSizeError } from "./media.errors";
import type { MediaParts } from "./media-parts";
import { planParts } from "./plan-parts";
import { inStore, partPath } from "./present-upload";
import { readIncoming } from "./read-incoming";
import { removeLate } from "./remove-media";
import * as uploads from "./uploads.repository";

/** Stores one part, where the store takes none by itself. @throws {MediaNotFoundError | WrongPartSizeError} and stores nothing. */
export async function takePart(
  parts: MediaParts,
  { media_id, part_number, expires, signature }: ParamsOf<"media.putPart">,
  source: Stream | null,
): Promise<void> {
  // Where the sender fails late, an error that nobody hears would end the process.
  source?.on("error", () => undefined);
  try {
    const url = { media_id, name: partPath(part_number), expires, signature };
    if (parts.signer.remaining(url, Date.now()) === undefined) throw new MediaNotFoundError();
    const upload = await uploads.find(parts.sql, media_id);
    const part = upload && planParts(upload).find(({ number }) => number === part_number);
    if (part === undefined) throw new MediaNotFoundError();
    const bytes = (await readIncoming(source)).all(part.sizeBytes, () => new WrongPartSizeError(part.sizeBytes));
    await parts.partUploads.put(inStore(upload!), part, bytes);
  } catch (error) {
    throw error instanceof PartSizeError ? new WrongPartSizeError(error.sizeBytes) : error;
  } finally {
    if (source instanceof Readable) source.destroy();
  }
  if ((await uploads.find(parts.sql, media_id)) === undefined) await removeLate(parts, media_id);
}
