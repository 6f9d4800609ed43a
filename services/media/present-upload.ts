import { publicMediaUrl } from "../../lib/media-url";
import type { Part } from "../../mixins/objects";
import type { ResultOf } from "../contracts";
import { MediaNotFoundError } from "./media.errors";
import { type MediaParts, originalKey } from "./media-parts";
import { planParts } from "./plan-parts";
import * as uploads from "./uploads.repository";
import type { UploadRow } from "./uploads.repository";

/** Which parts of an upload are there, and a fresh URL for each. @throws {MediaNotFoundError} also when it was completed or has expired. */
export async function presentUpload(
  parts: MediaParts,
  own: { id: string; user_id: number },
): Promise<ResultOf<"media.getParts">> {
  const upload = await uploads.findOwn(parts.sql, own);
  if (upload === undefined) throw new MediaNotFoundError();
  const plan = planParts(upload);
  const stored = await parts.partUploads.stored(inStore(upload), plan);
  const nowMs = Date.now();
  const urls = await Promise.all(plan.map((part) => urlOf(parts, upload, part, nowMs)));
  return {
    id: upload.media_id,
    size_bytes: upload.size_bytes,
    part_size_bytes: upload.part_size_bytes,
    parts: plan.map(({ number, sizeBytes }, index) => ({
      part_number: number,
      size_bytes: sizeBytes,
      is_stored: stored.has(number),
      url: urls[index]!,
    })),
    urls_expire_at: new Date(parts.signer.expiresAt(nowMs) * 1000).toISOString(),
    expires_at: upload.expires_at,
  };
}

/** The upload as the object store knows it. */
export function inStore({ media_id, store_name }: UploadRow) {
  return { key: originalKey(media_id), name: store_name };
}

/** What stands in a part's own URL, and in no rendition's. */
export function partPath(partNumber: number): string {
  return `parts/${partNumber}`;
}

/** The store's own, or where it has none one of the gateway. */
async function urlOf(
  { config, signer, partUploads }: MediaParts,
  upload: UploadRow,
  part: Part,
  nowMs: number,
): Promise<string> {
  const seconds = signer.expiresAt(nowMs) - Math.floor(nowMs / 1000);
  const direct = await partUploads.url(inStore(upload), part, seconds);
  if (direct !== undefined) return direct;
  const path = signer.sign(upload.media_id, partPath(part.number), nowMs);
  return publicMediaUrl({ publicUrl: config.publicUrl, cdnBaseUrl: undefined }, path);
}
