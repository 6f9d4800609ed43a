import { Readable, type Stream } from "node:stream";
import { DomainError } from "../../lib/errors";
import { EmptyUploadError, UploadBrokenOffError } from "./media.errors";
import { SNIFF_BYTES } from "./sniff";

/** A sender that is silent for so long has gone: a stream that crossed nodes does not always learn of it. */
const IDLE_MS = 60_000;

export interface Incoming {
  /** Enough of the first bytes to know what it is. */
  head: Buffer;
  /** All of the bytes. Fails with what `tooLarge` makes as soon as there are more than `maxBytes`. */
  all(maxBytes: number, tooLarge: () => Error): Readable;
}

/** Reads just the beginning of a stream. @throws {EmptyUploadError | UploadBrokenOffError} */
export async function readIncoming(source: Stream | null): Promise<Incoming> {
  if (!(source instanceof Readable)) throw new EmptyUploadError();
  const chunks = chunksOf(source);
  const begun: Buffer[] = [];
  let size = 0;
  while (size < SNIFF_BYTES) {
    const { done, value } = await chunks.next();
    if (done) break;
    begun.push(value);
    size += value.length;
  }
  if (size === 0) throw new EmptyUploadError();
  return {
    head: Buffer.concat(begun).subarray(0, SNIFF_BYTES),
    all: (maxBytes, tooLarge) => Readable.from(bounded(begun, chunks, maxBytes, tooLarge), { objectMode: false }),
  };
}

async function* bounded(begun: Buffer[], rest: AsyncIterable<Buffer>, maxBytes: number, tooLarge: () => Error) {
  let size = 0;
  for (const chunk of begun) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    yield chunk;
  }
  for await (const chunk of rest) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    yield chunk;
  }
}

async function* chunksOf(source: Readable): AsyncGenerator<Buffer, undefined> {
  const iterator = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  for (;;) {
    const chunk = await nextOf(iterator, source);
    if (chunk === undefined) return undefined;
    yield chunk;
  }
}

async function nextOf(iterator: AsyncIterator<Uint8Array, undefined>, source: Readable): Promise<Buffer | undefined> {
  const timer = setTimeout(() => source.destroy(new UploadBrokenOffError()), IDLE_MS);
  try {
    const { done, value } = await iterator.next();
    return done ? undefined : Buffer.from(value);
  } catch (error) {
    // What the sender ended it with on purpose (too large, malformed) says more than that it ended.
    throw error instanceof DomainError ? error : new UploadBrokenOffError();
  } finally {
    clearTimeout(timer);
  }
}
