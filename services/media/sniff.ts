export type MediaFormat = "jpeg" | "png" | "webp" | "gif" | "avif" | "heic" | "mp4" | "mov" | "webm";

export interface Sniffed {
  format: MediaFormat;
  kind: "image" | "video";
  mime: string;
}

/** So many first bytes are always enough: an ftyp box with all the brands that anybody writes, or a Matroska header. */
export const SNIFF_BYTES = 4096;

const mimes: Record<MediaFormat, string> = {
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  gif: "image/gif",
  avif: "image/avif",
  heic: "image/heic",
  mp4: "video/mp4",
  mov: "video/quicktime",
  webm: "video/webm",
};

const PNG = Buffer.from("89504e470d0a1a0a", "hex");
const EBML = Buffer.from("1a45dfa3", "hex");
const EBML_DOC_TYPE = Buffer.from("4282", "hex");

/** ISO 14496-12 brands. `mif1` and `msf1` say only "HEIF": their other brands tell the codec. */
const brands: readonly [MediaFormat, RegExp][] = [
  ["avif", /^(avif|avis)$/],
  ["heic", /^(heic|heix|heim|heis|hevc|hevx|hevm|hevs)$/],
  ["heic", /^(mif1|msf1)$/],
  ["mov", /^qt {2}$/],
  ["mp4", /^(iso[m2-9a-f]|mp4[12]|avc1|hvc1|M4V[ HP]|MSNV|dash|mmp4|3g[pe2][0-9a-z]|f4v )$/],
];

const kinds = new Map(Object.values(mimes).map((mime) => [mime, kindOf(mime)]));
/** As some systems call them. */
kinds.set("image/jpg", "image").set("image/heif", "image");

/** The kind of a declared content type. Undefined for one that is not taken. */
export function declaredKind(contentType: string): "image" | "video" | undefined {
  return kinds.get(contentType.split(";")[0]!.trim().toLowerCase());
}

function kindOf(mime: string): "image" | "video" {
  return mime.startsWith("video/") ? "video" : "image";
}

/** What the first bytes are, whatever the name says. Undefined for anything that is not taken. */
export function sniff(head: Buffer): Sniffed | undefined {
  const format = formatOf(head);
  if (format === undefined) return undefined;
  return { format, kind: kindOf(mimes[format]), mime: mimes[format] };
}

function formatOf(head: Buffer): MediaFormat | undefined {
  if (head.length >= 4 && head.readUIntBE(0, 3) === 0xffd8ff) return "jpeg";
  if (head.subarray(0, 8).equals(PNG)) return "png";
  if (/^GIF8[79]a/.test(head.toString("latin1", 0, 6))) return "gif";
  if (head.toString("latin1", 0, 4) === "RIFF" && head.toString("latin1", 8, 12) === "WEBP") return "webp";
  if (head.toString("latin1", 4, 8) === "ftyp") return fromBrands(head);
  if (head.subarray(0, 4).equals(EBML)) return isWebm(head) ? "webm" : undefined;
  // QuickTime before ftyp was invented began with any of its atoms.
  if (head.length >= 8 && /^(moov|mdat|wide)$/.test(head.toString("latin1", 4, 8))) return "mov";
  return undefined;
}

function fromBrands(head: Buffer): MediaFormat | undefined {
  const end = Math.min(head.readUInt32BE(0), head.length);
  const major = head.toString("latin1", 8, 12);
  const compatible: string[] = [];
  for (let at = 16; at + 4 <= end; at += 4) compatible.push(head.toString("latin1", at, at + 4));
  // What a HEIF holds is in its compatible brands; of a film the major brand says which it is.
  if (/^(mif1|msf1)$/.test(major)) return firstOf(compatible) ?? "heic";
  return firstOf([major]) ?? firstOf(compatible);
}

function firstOf(found: readonly string[]): MediaFormat | undefined {
  return brands.find(([, pattern]) => found.some((brand) => pattern.test(brand)))?.[0];
}

/** The DocType of the EBML header; its size is one byte, for "webm" and "matroska" are short. */
function isWebm(head: Buffer): boolean {
  const at = head.subarray(0, 128).indexOf(EBML_DOC_TYPE);
  return at > 0 && head.toString("latin1", at + 3, at + 7) === "webm" && (head[at + 2] ?? 0) >= 0x84;
}
