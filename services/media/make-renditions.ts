import type { Readable } from "node:stream";
import { openPicture, type Picture, resized } from "./open-picture";
import { firstFrame, type Frames, framesOf, sharpOf } from "./raw-frames";
import { type PlannedSize, planRenditions } from "./rendition-plan";
import { shrinkFrame } from "./shrink-frame";
import { thumbhashOf } from "./thumbhash";

export type PictureFormat = "webp" | "jpeg" | "avif";

export interface Rendition {
  name: string;
  format: PictureFormat | "mp4";
  width: number;
  height: number;
  bytes: number;
  /** Where its bytes are: several names may share a file. */
  file: string;
}

/** Stores a file as soon as it is made. What it throws ends the work and is thrown on as it is. */
export type Keep = (file: string, body: Buffer | Readable, about: { contentType: string }) => Promise<unknown>;

export interface RenditionOptions {
  formats: readonly PictureFormat[];
  /** Of the original, all its frames together. */
  maxPixels: number;
}

export interface MadePicture {
  /** Of the original, upright. */
  width: number;
  height: number;
  is_animated: boolean;
  /** Base64. */
  thumbhash: string;
  renditions: Rendition[];
}

/** Of what a thumbhash is made from: its finest waves are seven to a side. */
const HASHED_SIDE = 32;

/**
 * Makes all renditions of a picture: upright, in sRGB, with no metadata. Decodes once, each size from the next larger one, one
 * file at a time: whoever wants more at once runs more jobs. Moving pictures move in WebP and stand still in the others.
 * @throws {MediaFailure | DecoderMissingError}
 */
export async function makeRenditions(path: string, options: RenditionOptions, keep: Keep): Promise<MadePicture> {
  const picture = await openPicture(path, options.maxPixels);
  const renditions: Rendition[] = [];
  let thumbhash = "";
  let larger: Frames | undefined;
  for (const size of planRenditions(picture, picture.frames)) {
    const frames = await scaled(picture, larger, size);
    if (!size.is_square) larger = frames;
    if (size.names.includes("w320")) thumbhash = hashOf(firstFrame(frames));
    for (const format of options.formats) {
      const data = await encoded(frames, format, picture);
      const file = `${size.names[0]}.${format}`;
      await keep(file, data, { contentType: `image/${format}` });
      const { width, height } = size;
      for (const name of size.names) renditions.push({ name, format, width, height, bytes: data.length, file });
    }
  }
  const { width, height, frames } = picture;
  return { width, height, is_animated: frames > 1, thumbhash, renditions: renditions.sort(bySize) };
}

/**
 * From the next larger size where that is large enough (the square of a panorama is not in its strip). Frames in raw pixels
 * cannot be scaled each for itself, but those of an animation are small to decode beside their encoding.
 */
async function scaled(picture: Picture, larger: Frames | undefined, size: PlannedSize): Promise<Frames> {
  const isEnough = larger?.frames === 1 && larger.width >= size.width && larger.height >= size.height;
  return isEnough ? framesOf(resized(sharpOf(larger), size), 1) : picture.scaledTo(size);
}

async function encoded(frames: Frames, format: PictureFormat, { delay, loop }: Picture): Promise<Buffer> {
  if (format === "webp") {
    const timing = frames.frames > 1 ? { delay, loop } : {};
    return sharpOf(frames)
      .webp({ quality: 80, effort: 2, ...timing })
      .toBuffer();
  }
  const still = sharpOf(firstFrame(frames));
  if (format === "avif") return still.avif({ quality: 55, effort: 2 }).toBuffer();
  return still.flatten({ background: "#fff" }).jpeg({ quality: 80 }).toBuffer();
}

function hashOf(frame: Frames): string {
  const { width, height, rgba } = shrinkFrame(frame, HASHED_SIDE);
  return thumbhashOf(width, height, rgba).toString("base64");
}

function bySize(a: Rendition, b: Rendition): number {
  return Number(a.name.slice(1)) - Number(b.name.slice(1));
}
