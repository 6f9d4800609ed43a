import sharp from "sharp";
import { sniff } from "../../services/media/sniff";

const ftyp = (major: string, ...compatible: string[]) => {
  const body = Buffer.from(`ftyp${major}\0\0\0\0${compatible.join("")}`, "latin1");
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 4);
  return Buffer.concat([size, body, Buffer.from("\0\0\0\x08free", "latin1")]);
};
const ebml = (type: string) =>
  Buffer.concat([
    Buffer.from("1a45dfa39f4286810142f7810142f2810442f381084282", "hex"),
    Buffer.from([0x80 + type.length]),
    Buffer.from(type),
    Buffer.from("42878104", "hex"),
  ]);

describe("sniff", () => {
  it.each(["jpeg", "png", "webp", "gif", "avif"] as const)("knows a %s that was just made", async (format) => {
    const picture = sharp({ create: { width: 8, height: 8, channels: 3, background: "#c00" } });
    expect(sniff(await picture.toFormat(format).toBuffer())).toEqual({
      format,
      kind: "image",
      mime: `image/${format}`,
    });
  });

  it.each([
    ["an iPhone's picture", ftyp("heic", "mif1", "heic"), "heic"],
    ["a HEIF by its other brands", ftyp("mif1", "mif1", "heic"), "heic"],
    ["a HEIF that says no more", ftyp("mif1"), "heic"],
    ["a sequence of HEVC", ftyp("msf1", "hevc"), "heic"],
    ["10 bits of HEVC", ftyp("heix", "mif1"), "heic"],
    ["AVIF under a HEIF's brand", ftyp("mif1", "avif", "miaf"), "avif"],
    ["an AVIF that moves", ftyp("avis", "avif", "msf1"), "avif"],
    ["MP4", ftyp("isom", "iso2", "avc1", "mp41"), "mp4"],
    ["an MP4 of phones", ftyp("mp42", "isom"), "mp4"],
    ["an Android's", ftyp("3gp4", "isom"), "mp4"],
    ["QuickTime", ftyp("qt  "), "mov"],
    ["QuickTime that MP4 players read", ftyp("qt  ", "mp42"), "mov"],
    ["QuickTime from before ftyp", Buffer.from("\0\0\0\x08wide\0\0\0\0mdat", "latin1"), "mov"],
    ["WebM", ebml("webm"), "webm"],
  ])("knows %s", (_, head, format) => {
    expect(sniff(head)?.format).toBe(format);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["three bytes", Buffer.from("abc")],
    ["words", Buffer.from("GIF is a fine format, and JPEG another")],
    ["HTML", Buffer.from("<!doctype html><script>alert(1)</script>")],
    ["SVG", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ["a PDF", Buffer.from("%PDF-1.7\n")],
    ["a playlist", Buffer.from("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/secret\n")],
    ["a WAV", Buffer.from("RIFF\x24\0\0\0WAVEfmt ", "latin1")],
    ["Matroska that is not WebM", ebml("matroska")],
    ["an MP4 of sound alone", ftyp("M4A ", "M4A ")],
    ["an ftyp cut short", Buffer.from("\0\0\0\x14ftyp", "latin1")],
  ])("takes %s for none of them", (_, head) => {
    expect(sniff(head)).toBeUndefined();
  });
});
