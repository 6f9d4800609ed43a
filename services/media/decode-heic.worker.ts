import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import heicDecode from "heic-decode";
import type { DecodeHeicJob, HeicAnswer } from "./decode-heic";

/** Decodes one HEIC in a thread of its own: WebAssembly, a second of work, and memory that goes with the thread. */
async function decode({ path, width, height, maxPixels }: DecodeHeicJob): Promise<HeicAnswer> {
  const buffer = await readFile(path);
  try {
    const images = await heicDecode.all({ buffer });
    // They come in no promised order: the primary one is known by its size.
    const image = images.find((found) => found.width === width && found.height === height) ?? images[0];
    if (image === undefined || image.width * image.height > maxPixels) return undefined;
    const pixels = await image.decode();
    return { width: pixels.width, height: pixels.height, rgba: pixels.data };
  } catch {
    return undefined;
  }
}

void decode(workerData as DecodeHeicJob).then((answer) => {
  parentPort?.postMessage(answer, answer === undefined ? [] : [answer.rgba.buffer]);
});
