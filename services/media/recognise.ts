import { missingForHeic } from "./decode-heic";
import type { Ffmpeg } from "./find-ffmpeg";
import { UnsupportedMediaError } from "./media.errors";
import { declaredKind, sniff, type Sniffed } from "./sniff";

export const MISSING_FFMPEG = "Videos cannot be taken here: ffmpeg and ffprobe are not installed.";

/** What an upload is by its first bytes. @throws {UnsupportedMediaError} for what is not taken, or cannot be decoded here. */
export function recognise(head: Buffer, ffmpeg: Ffmpeg | undefined): Sniffed {
  const found = sniff(head);
  if (found === undefined) throw new UnsupportedMediaError();
  const missing = found.format === "heic" ? missingForHeic() : undefined;
  if (missing !== undefined) throw new UnsupportedMediaError(missing);
  requireDecoder(found.kind, ffmpeg);
  return found;
}

/** What an upload is said to be. Its bytes have the last word. @throws {UnsupportedMediaError} */
export function recogniseDeclared(contentType: string, ffmpeg: Ffmpeg | undefined): "image" | "video" {
  const kind = declaredKind(contentType);
  if (kind === undefined) throw new UnsupportedMediaError();
  requireDecoder(kind, ffmpeg);
  return kind;
}

function requireDecoder(kind: "image" | "video", ffmpeg: Ffmpeg | undefined): void {
  if (kind === "video" && ffmpeg === undefined) throw new UnsupportedMediaError(MISSING_FFMPEG);
}
