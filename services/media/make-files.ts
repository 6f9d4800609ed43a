import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Processed } from "./jobs.repository";
import { type Keep, makeRenditions, type PictureFormat, type Rendition } from "./make-renditions";
import { MISSING_FFMPEG } from "./recognise";
import { DecoderMissingError } from "./media-failure";
import type { MediaRow } from "./media.repository";
import { type MediaParts, originalKey, prefixOf } from "./media-parts";
import { transcodeVideo } from "./transcode-video";

/** A poster is made of a video of at most Full HD. */
const POSTER_PIXELS = 16_000_000;

/** Makes and stores everything that is served of an upload. */
export async function makeFiles(parts: MediaParts, row: MediaRow): Promise<Processed> {
  const { objects } = parts;
  const keep: Keep = (file, body, about) => objects.put(prefixOf(row.id) + file, body, about);
  return objects.withFile(originalKey(row.id), (path) =>
    row.kind === "image" ? ofImage(parts, path, keep) : ofVideo(parts, path, keep),
  );
}

async function ofImage({ config }: MediaParts, path: string, keep: Keep): Promise<Processed> {
  const formats: PictureFormat[] = config.imageAvif ? ["webp", "jpeg", "avif"] : ["webp", "jpeg"];
  const made = await makeRenditions(path, { formats, maxPixels: config.imageMaxPixels }, keep);
  const { width, height, thumbhash, renditions } = made;
  return { width, height, duration_ms: null, thumbhash, renditions };
}

/** The video, and its poster in WebP under the names that pictures have. */
async function ofVideo({ config, ffmpeg }: MediaParts, path: string, keep: Keep): Promise<Processed> {
  if (ffmpeg === undefined) throw new DecoderMissingError(MISSING_FFMPEG);
  const folder = await mkdtemp(join(tmpdir(), "emulsion-video-"));
  try {
    const made = await transcodeVideo(ffmpeg, path, folder, { maxSeconds: config.videoMaxSeconds });
    const { width, height, durationMs } = made;
    const poster = await makeRenditions(made.poster, { formats: ["webp"], maxPixels: POSTER_PIXELS }, keep);
    const file = "video.mp4";
    await keep(file, createReadStream(made.video), { contentType: "video/mp4" });
    const { size: bytes } = await stat(made.video);
    const video: Rendition = { name: "video", format: "mp4", width, height, bytes, file };
    const renditions = [video, ...poster.renditions];
    return { width, height, duration_ms: durationMs ?? null, thumbhash: poster.thumbhash, renditions };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
