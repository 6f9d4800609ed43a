import { Readable } from "node:stream";
import { PartSizeError } from "./object-errors";

/** The same bytes, failing with PartSizeError when they turn out more or fewer than so many. */
export function exactly(body: Readable, sizeBytes: number): Readable {
  return Readable.from(counted(body, sizeBytes), { objectMode: false });
}

async function* counted(body: Readable, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let left = sizeBytes;
  for await (const piece of body as AsyncIterable<Uint8Array>) {
    left -= piece.length;
    if (left < 0) break;
    yield piece;
  }
  if (left !== 0) throw new PartSizeError(sizeBytes);
}
