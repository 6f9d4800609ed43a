import { open, readFile, type FileHandle } from "node:fs/promises";

/** Decoders that show what there is of these two, as if it were whole, do not tell. Of other formats sharp tells. */
export async function isCutShort(path: string, format: string): Promise<boolean> {
  if (format === "gif") return isCutGif(await readFile(path));
  if (format !== "heif") return false;
  const file = await open(path, "r");
  try {
    return await isCutHeif(file);
  } finally {
    await file.close();
  }
}

/** A box of the outermost level that goes on behind the end of the file. */
async function isCutHeif(file: FileHandle): Promise<boolean> {
  const { size: fileSize } = await file.stat();
  const head = Buffer.alloc(16);
  for (let at = 0; at < fileSize;) {
    const { bytesRead } = await file.read(head, 0, 16, at);
    if (bytesRead < 8) return true;
    const short = head.readUInt32BE(0);
    if (short === 0) return false;
    if (short === 1 && bytesRead < 16) return true;
    const size = short === 1 ? Number(head.readBigUInt64BE(8)) : short;
    if (size < 8) return true;
    at += size;
    if (at > fileSize) return true;
  }
  return false;
}

/** Ends within a block. One that only lacks its trailer is shown whole. GIF89a, 15 to 27. */
function isCutGif(bytes: Buffer): boolean {
  if (bytes.length < 13) return true;
  let at = 13 + tableBytes(bytes[10]!);
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === 0x21) at = afterSubBlocks(bytes, at + 2);
    else if (kind === 0x2c) at = afterSubBlocks(bytes, at + 11 + tableBytes(bytes[at + 9] ?? 0));
    else return false;
  }
  return at > bytes.length;
}

/** Past the end of the file where it ends before the blocks do. */
function afterSubBlocks(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== 0) at += 1 + bytes[at]!;
  return at + 1;
}

function tableBytes(flags: number): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}
