import sharp from "sharp";

const JPEG_MARKERS = new Set([0xe0, 0xdb, 0xc0, 0xc1, 0xc2, 0xc4, 0xdd, 0xda]);
const WEBP_CHUNKS = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF"]);
/** Long enough that compressed pixels do not hold one by chance. */
const TRACES = [
  "Exif\0",
  "http://ns.adobe.com/xap",
  "Photoshop 3.0",
  "8BIM",
  "ICC_PROFILE",
  "<x:xmpmeta",
  "GPSLatitude",
];

/** Everything that a file to be served holds beside pixels. An empty list is what all of them must have. */
export async function metadataIn(bytes: Buffer): Promise<string[]> {
  const { format, exif, icc, iptc, xmp, orientation, comments } = await sharp(bytes).metadata();
  const parts =
    format === "jpeg" ? strangeSegments(bytes) : format === "webp" ? strangeChunks(bytes) : [`format ${format}`];
  const traces = TRACES.filter((trace) => bytes.includes(Buffer.from(trace, "latin1")));
  const read = Object.entries({ exif, icc, iptc, xmp, orientation, comments }).filter(
    ([, value]) => value !== undefined,
  );
  return [...parts, ...traces, ...read.map(([name]) => name)];
}

/** Segments before the picture that are not its tables. APP0 is JFIF, without a thumbnail. */
function strangeSegments(bytes: Buffer): string[] {
  const strange: string[] = [];
  for (let at = 2; at < bytes.length;) {
    const marker = bytes[at + 1]!;
    if (!JPEG_MARKERS.has(marker)) strange.push(`segment ${marker.toString(16)}`);
    if (marker === 0xe0 && bytes.readUInt16BE(at + 2) !== 16) strange.push("JFIF thumbnail");
    if (marker === 0xda) return strange;
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return [...strange, "no picture"];
}

function strangeChunks(bytes: Buffer): string[] {
  const strange: string[] = [];
  for (let at = 12; at < bytes.length;) {
    const name = bytes.toString("latin1", at, at + 4);
    if (!WEBP_CHUNKS.has(name)) strange.push(`chunk ${name}`);
    const size = bytes.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  return strange;
}
