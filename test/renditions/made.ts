import { buffer } from "node:stream/consumers";
import { type MadePicture, makeRenditions, type PictureFormat } from "../../services/media/make-renditions";

export interface Made extends MadePicture {
  files: Map<string, Buffer>;
}

/** All renditions of a file, with their bytes. */
export async function make(
  path: string,
  { formats = ["webp", "jpeg"], maxPixels = 50_000_000 }: { formats?: PictureFormat[]; maxPixels?: number } = {},
): Promise<Made> {
  const files = new Map<string, Buffer>();
  const made = await makeRenditions(path, { formats, maxPixels }, async (file, body) => {
    if (files.has(file)) throw new Error(`${file} was stored twice.`);
    files.set(file, Buffer.isBuffer(body) ? body : await buffer(body));
  });
  return { ...made, files };
}

export function fileOf({ renditions, files }: Made, name: string, format: PictureFormat): Buffer {
  const file = renditions.find((rendition) => rendition.name === name && rendition.format === format)?.file;
  const bytes = files.get(file ?? "");
  if (bytes === undefined) throw new Error(`There is no ${name} in ${format}.`);
  return bytes;
}
