import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import sharp, { type Sharp } from "sharp";
import { profileOf } from "../../services/media/colour-profile";
import { makeRenditions } from "../../services/media/make-renditions";
import { planRenditions } from "../../services/media/rendition-plan";
import { shrinkFrame } from "../../services/media/shrink-frame";
import { thumbhashOf } from "../../services/media/thumbhash";
import { uncompressedTiff } from "../../services/media/uncompressed-tiff";
import { fileOf, make } from "./made";
import { metadataIn } from "./served-bytes";

const folder = mkdtempSync(join(tmpdir(), "emulsion-pictures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function file(bytes: Buffer | string): string {
  const path = join(folder, `picture-${count++}`);
  writeFileSync(path, bytes);
  return path;
}
const plain = (width: number, height: number, background: sharp.Colour = { r: 170, g: 130, b: 110 }): Sharp =>
  sharp({ create: { width, height, channels: 3, background } });

/** Red, green and blue of the middle. */
async function middle(bytes: Buffer): Promise<number[]> {
  const { data, info } = await sharp(bytes).toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(info.height / 2) * info.width + Math.floor(info.width / 2)) * info.channels;
  return [...data.subarray(at, at + 3)];
}
function expectColour(found: number[], expected: number[], within = 5): void {
  expect(found.map((value, i) => Math.abs(value - expected[i]!) <= within)).toEqual([true, true, true]);
}

describe("the plan of renditions", () => {
  const sizes = (width: number, height: number, frames = 1) =>
    planRenditions({ width, height }, frames).map((size) => `${size.names.join("+")} ${size.width}x${size.height}`);

  it("goes from the largest to the smallest", () => {
    expect(sizes(4000, 3000)).toEqual(["w1080 1080x810", "w640 640x480", "w320 320x240", "w150 150x150"]);
  });
  it("enlarges nothing: one file bears the names that a small picture has no sizes for", () => {
    expect(sizes(500, 400)).toEqual(["w640+w1080 500x400", "w320 320x256", "w150 150x150"]);
    expect(sizes(64, 64)).toEqual(["w150+w320+w640+w1080 64x64"]);
    expect(sizes(1, 1)).toEqual(["w150+w320+w640+w1080 1x1"]);
    expect(sizes(200, 40)).toEqual(["w320+w640+w1080 200x40", "w150 40x40"]);
  });
  it("bounds the height of strips and the work of animations", () => {
    expect(sizes(1080, 40_000)[0]).toBe("w1080 233x8640");
    const [largest] = planRenditions({ width: 1000, height: 1000 }, 50);
    expect(largest!.width * largest!.height * 50).toBeLessThan(20_100_000);
  });
});

describe("makeRenditions", () => {
  it("stores each file once and gives it to every name that has it", async () => {
    const made = await make(file(await plain(500, 400).png().toBuffer()));
    expect([...made.files.keys()].sort()).toEqual(
      ["w150", "w320", "w640"].flatMap((name) => [`${name}.jpeg`, `${name}.webp`]),
    );
    expect(made.renditions.find(({ name, format }) => name === "w1080" && format === "webp")).toMatchObject({
      width: 500,
      height: 400,
      file: "w640.webp",
    });
  });

  it("makes AVIF when asked", async () => {
    const made = await make(file(await plain(300, 200).jpeg().toBuffer()), { formats: ["webp", "avif"] });
    const about = await sharp(fileOf(made, "w320", "avif")).metadata();
    expect(about).toMatchObject({ format: "heif", compression: "av1", width: 300 });
    expect([about.exif, about.icc, about.xmp]).toEqual([undefined, undefined, undefined]);
  });

  it("lays what is transparent on white in JPEG and keeps it so in WebP", async () => {
    const half = await sharp({
      create: { width: 200, height: 200, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const made = await make(file(half));
    expectColour(await middle(fileOf(made, "w320", "jpeg")), [255, 255, 255]);
    const { data } = await sharp(fileOf(made, "w320", "webp"))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(data[3]).toBe(0);
  });

  it.each([
    ["an embedded Display P3", () => plain(400, 300).withIccProfile("p3").jpeg({ quality: 95 })],
    ["CMYK", () => plain(400, 300).toColourspace("cmyk").withIccProfile("cmyk").jpeg({ quality: 95 })],
    ["16 bits a channel", () => plain(400, 300).toColourspace("rgb16").png()],
  ])("shows %s as the same colour in sRGB", async (name, picture) => {
    const made = await make(file(await picture().toBuffer()));
    expectColour(await middle(fileOf(made, "w320", "jpeg")), [170, 130, 110], name === "CMYK" ? 15 : 4);
    expect(await metadataIn(fileOf(made, "w320", "jpeg"))).toEqual([]);
  });

  it("takes a picture in grey, with and without alpha", async () => {
    const grey = plain(400, 300, { r: 90, g: 90, b: 90 }).toColourspace("b-w");
    for (const bytes of [await grey.clone().png().toBuffer(), await grey.clone().ensureAlpha().png().toBuffer()]) {
      const made = await make(file(bytes));
      expectColour(await middle(fileOf(made, "w150", "webp")), [90, 90, 90]);
      expectColour(await middle(fileOf(made, "w150", "jpeg")), [90, 90, 90]);
    }
  });

  it("cuts the square of a panorama out of the original, not out of its strip", async () => {
    const stripes = Buffer.from(Array.from({ length: 4000 * 160 }, (_, i) => ((i % 4000) % 2 === 0 ? 255 : 0)));
    const made = await make(
      file(
        await sharp(stripes, { raw: { width: 4000, height: 160, channels: 1 } })
          .png()
          .toBuffer(),
      ),
    );
    expect(made.renditions[0]).toMatchObject({ name: "w150", width: 150, height: 150 });
    expect(made.renditions.find(({ name }) => name === "w320")).toMatchObject({ width: 320, height: 13 });
  });

  it("refuses more pixels than the limit before it decodes any, and takes exactly the limit", async () => {
    const bomb = file(await plain(6000, 5000).png().toBuffer());
    await expect(make(bomb, { maxPixels: 29_999_999 })).rejects.toMatchObject({
      name: "MediaFailure",
      message: "The picture has more than 29 million pixels.",
    });
    await expect(make(bomb, { maxPixels: 30_000_000 })).resolves.toMatchObject({ width: 6000 });
  });

  it("takes of an animation so many frames as the limit has room for", async () => {
    const frames = Array.from({ length: 10 }, (_, i) =>
      plain(50, 40, { r: i * 25, g: 0, b: 0 })
        .png()
        .toBuffer(),
    );
    const gif = await sharp(await Promise.all(frames), { join: { animated: true } })
      .gif({ delay: Array<number>(10).fill(70), loop: 3 })
      .toBuffer();
    const made = await make(file(gif), { maxPixels: 50 * 40 * 6 + 1 });
    const about = await sharp(fileOf(made, "w320", "webp")).metadata();
    expect(about).toMatchObject({ pages: 6, delay: Array<number>(6).fill(70), loop: 3 });
  });

  it.each([
    ["an SVG", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'],
    ["no picture", "just words, and more of them"],
    ["nothing", ""],
  ])("refuses %s as damaged", async (_, text) => {
    await expect(make(file(text))).rejects.toMatchObject({ name: "MediaFailure" });
  });

  it("does not blame the file for what the machine or the store did", async () => {
    const missing = make(join(folder, "missing"));
    await expect(missing).rejects.toThrow("missing");
    await expect(missing).rejects.not.toMatchObject({ name: "MediaFailure" });
    const path = file(await plain(100, 100).png().toBuffer());
    const full = () => Promise.reject(new Error("the store is full"));
    await expect(makeRenditions(path, { formats: ["webp"], maxPixels: 1e6 }, full)).rejects.toThrow(
      "the store is full",
    );
  });
});

describe("shrinkFrame", () => {
  const shrunk = (width: number, height: number, channels: 1 | 2 | 3 | 4, data: number[], longest: number) => {
    const frame = { width, height, channels, frames: 1, data: Buffer.from(data) };
    const { rgba, ...size } = shrinkFrame(frame, longest);
    return [size.width, size.height, [...rgba]];
  };

  it("takes the mean of what each pixel stands for, in which the unseen has no say", () => {
    expect(shrunk(2, 1, 3, [10, 20, 30, 20, 40, 60], 1)).toEqual([1, 1, [15, 30, 45, 255]]);
    expect(shrunk(2, 1, 1, [10, 20], 1)).toEqual([1, 1, [15, 15, 15, 255]]);
    expect(shrunk(2, 1, 2, [10, 255, 99, 0], 1)).toEqual([1, 1, [10, 10, 10, 128]]);
    expect(shrunk(2, 2, 4, [8, 8, 8, 200, 9, 9, 9, 0, 8, 8, 8, 200, 9, 9, 9, 0], 1)).toEqual([1, 1, [8, 8, 8, 100]]);
    expect(shrunk(1, 1, 4, [7, 8, 9, 0], 1)).toEqual([1, 1, [0, 0, 0, 0]]);
  });

  it("keeps the shape, loses no pixel, and leaves small pictures as they are", () => {
    expect(shrunk(3, 1, 1, [0, 0, 90], 2)).toEqual([2, 1, [0, 0, 0, 255, 45, 45, 45, 255]]);
    expect(shrunk(2, 1, 1, [1, 2], 32)).toEqual([2, 1, [1, 1, 1, 255, 2, 2, 2, 255]]);
    expect(shrunk(1, 70, 1, Array<number>(70).fill(5), 32).slice(0, 2)).toEqual([1, 32]);
  });
});

describe("thumbhashOf", () => {
  it("gives what the reference implementation gives", async () => {
    const pictures = [0, 1, 2].map((n) => {
      const [width, height] = [
        [100, 75],
        [60, 100],
        [33, 33],
      ][n]!;
      const rgba = Array.from({ length: width! * height! * 4 }, (_, i) =>
        i % 4 === 3 && n !== 2 ? 255 : (i * (7 + n) + (i >> 6)) % 256,
      );
      return { width: width!, height: height!, rgba };
    });
    const module = pathToFileURL(require.resolve("thumbhash")).href;
    const script = `import { rgbaToThumbHash } from ${JSON.stringify(module)};
      const pictures = JSON.parse(await new Response(process.stdin).text());
      console.log(JSON.stringify(pictures.map((p) => Buffer.from(rgbaToThumbHash(p.width, p.height, p.rgba)).toString("hex"))));`;
    const answer = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      input: JSON.stringify(pictures),
    });

    const ours = pictures.map(({ width, height, rgba }) =>
      thumbhashOf(width, height, Uint8Array.from(rgba)).toString("hex"),
    );
    expect(ours).toEqual(JSON.parse(answer.toString()));
  });
});

describe("profileOf", () => {
  const PQ = { primaries: 12, transfer: 16 };
  const HLG = { primaries: 9, transfer: 18 };
  /** A grey of this value between 0 and 1, as an sRGB screen is sent it. */
  async function grey(code: { primaries: number; transfer: number }, value: number): Promise<number[]> {
    const data = Buffer.alloc(8 * 8 * 3 * 2);
    for (let i = 0; i < data.length; i += 2) data.writeUInt16LE(Math.round(value * 65_535), i);
    return middle(uncompressedTiff({ width: 8, height: 8, channels: 3, bits: 16, data }, profileOf(code)!));
  }

  it("needs none for what is as good as sRGB", () => {
    for (const transfer of [1, 2, 6, 13, 14]) expect(profileOf({ primaries: 1, transfer })).toBeUndefined();
  });
  it("shows PQ by its nits, diffuse white of 203 nits near white", async () => {
    expectColour(await grey(PQ, 0), [0, 0, 0], 1);
    // ST 2084: 100 nits are 0.5081, and 100/203 of white is 186 in sRGB.
    expectColour(await grey(PQ, 0.5081), [186, 186, 186], 2);
    expectColour(await grey(PQ, 0.5807), [247, 247, 247], 2);
    expectColour(await grey(PQ, 1), [255, 255, 255], 1);
  });
  it("shows HLG with its reference white, three quarters, at the same place", async () => {
    expectColour(await grey(HLG, 0.75), [247, 247, 247], 3);
    expectColour(await grey(HLG, 0), [0, 0, 0], 1);
  });
  it("leads Display P3 to sRGB: more saturated than the same numbers there", async () => {
    const data = Buffer.from(Array.from({ length: 8 * 8 * 3 }, (_, i) => [180, 100, 80][i % 3]!));
    const p3 = profileOf({ primaries: 12, transfer: 13 })!;
    // By the matrices of SMPTE EG 432-1 and IEC 61966-2-1.
    expectColour(
      await middle(uncompressedTiff({ width: 8, height: 8, channels: 3, bits: 8, data }, p3)),
      [192, 97, 75],
      2,
    );
  });
});
