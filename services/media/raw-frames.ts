import sharp, { type Sharp } from "sharp";

/** Decoded pixels, 8 bits a channel, the frames of an animation one below the other. */
export interface Frames {
  /** Of one frame. */
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
  frames: number;
  data: Buffer;
}

export async function framesOf(picture: Sharp, frames: number): Promise<Frames> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const channels = info.channels;
  return { width: info.width, height: info.height / frames, channels, frames, data };
}

export function sharpOf({ width, height, channels, frames, data }: Frames): Sharp {
  const raw = { width, height: height * frames, channels };
  return sharp(data, { raw: frames > 1 ? { ...raw, pageHeight: height } : raw, limitInputPixels: false });
}

export function firstFrame(frames: Frames): Frames {
  const { width, height, channels, data } = frames;
  return { ...frames, frames: 1, data: data.subarray(0, width * height * channels) };
}
