import type { Readable } from "node:stream";
import { TooLargeError } from "./object-errors";

export interface Block {
  bytes: Buffer;
  isLast: boolean;
}

/** Cuts a body into blocks of just `size` bytes; the last one is what is left, and empty only where nothing came. @throws {TooLargeError} */
export async function* blocksOf(body: Readable | Buffer, size: number, maxBytes: number): AsyncGenerator<Block> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let total = 0;
  for await (const piece of Buffer.isBuffer(body) ? [body] : body) {
    const bytes = typeof piece === "string" ? Buffer.from(piece) : asBuffer(piece as Uint8Array);
    total += bytes.length;
    if (total > maxBytes) throw new TooLargeError(maxBytes);
    held.push(bytes);
    heldBytes += bytes.length;
    while (heldBytes > size) {
      const joined = join(held);
      yield { bytes: joined.subarray(0, size), isLast: false };
      held = [joined.subarray(size)];
      heldBytes -= size;
    }
  }
  yield { bytes: join(held), isLast: true };
}

function join(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
