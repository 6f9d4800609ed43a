import sharp, { type Sharp } from "sharp";
import { seededRandom } from "./random";

/** Few colours running into each other, others for each seed. Of plain pixels: where uploads are taken sharp reads no SVG. */
export function colourField(seed: number, width: number, height: number, patches = 3): Sharp {
  const random = seededRandom(seed);
  const pixels = Buffer.from(Array.from({ length: patches * patches * 3 }, () => Math.floor(40 + random() * 200)));
  return sharp(pixels, { raw: { width: patches, height: patches, channels: 3 } }).resize(width, height, {
    fit: "fill",
    kernel: "cubic",
  });
}
