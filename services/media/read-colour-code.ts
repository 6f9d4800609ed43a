import { open } from "node:fs/promises";
import type { ColourCode } from "./colour-profile";

/** A HEIF's description of itself comes first, or it is none that a camera wrote. */
const HEAD_BYTES = 256 * 1024;

/** What the first nclx `colr` box of a HEIF (HEIC, AVIF) says: ISO 14496-12, meta → iprp → ipco → colr. */
export async function readColourCode(path: string): Promise<ColourCode | undefined> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    const meta = firstOf(head, "meta");
    const properties = meta && firstOf(meta.subarray(4), "iprp");
    const kinds = properties && firstOf(properties, "ipco");
    for (const { type, body } of kinds ? boxes(kinds) : []) {
      if (type === "colr" && body.length >= 10 && body.toString("latin1", 0, 4) === "nclx")
        return { primaries: body.readUInt16BE(4), transfer: body.readUInt16BE(6) };
    }
    return undefined;
  } finally {
    await file.close();
  }
}

function firstOf(bytes: Buffer, wanted: string): Buffer | undefined {
  for (const { type, body } of boxes(bytes)) if (type === wanted) return body;
  return undefined;
}

function* boxes(bytes: Buffer): Generator<{ type: string; body: Buffer }> {
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = bytes.readUInt32BE(at);
    // 0 (to the end) and 1 (64 bits) stand on boxes of media data alone.
    if (size < 8) return;
    yield { type: bytes.toString("latin1", at + 4, at + 8), body: bytes.subarray(at + 8, at + size) };
    at += size;
  }
}
