import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import type { Readable } from "node:stream";
import { TooLargeError } from "./object-errors";
import type { ObjectFacts } from "./object-store";

/** An object's file is its bytes and then this mark and their SHA-256: so a rename replaces bytes and ETag at once. */
const MARK = Buffer.from("emobj\0\0\x01", "latin1");
const HASH_BYTES = 32;
const FOOTER_BYTES = MARK.length + HASH_BYTES;

/** Writes a new file that is on the disk when this resolves. @throws {TooLargeError}; what was written is the caller's to remove. */
export async function writeObjectFile(path: string, body: Readable | Buffer, maxBytes: number): Promise<ObjectFacts> {
  const file = await open(path, "wx");
  try {
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const piece of Buffer.isBuffer(body) ? [body] : body) {
      const bytes = typeof piece === "string" ? Buffer.from(piece) : (piece as Uint8Array);
      sizeBytes += bytes.length;
      if (sizeBytes > maxBytes) throw new TooLargeError(maxBytes);
      hash.update(bytes);
      await writeAll(file, bytes);
    }
    const digest = hash.digest();
    await writeAll(file, Buffer.concat([MARK, digest]));
    await file.sync();
    return { sizeBytes, etag: etagOf(digest) };
  } finally {
    await file.close();
  }
}

/** @throws when the file is none that `writeObjectFile` ended. */
export async function readFacts(file: FileHandle): Promise<ObjectFacts> {
  const { size } = await file.stat();
  const footer = Buffer.alloc(FOOTER_BYTES);
  const { bytesRead } = await file.read(footer, 0, FOOTER_BYTES, Math.max(0, size - FOOTER_BYTES));
  if (bytesRead !== FOOTER_BYTES || !footer.subarray(0, MARK.length).equals(MARK))
    throw new Error("A file in the folder of objects is not an object, or was changed.");
  return { sizeBytes: size - FOOTER_BYTES, etag: etagOf(footer.subarray(MARK.length)) };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done);
    done += bytesWritten;
  }
}

function etagOf(digest: Buffer): string {
  return digest.toString("hex", 0, 16);
}
