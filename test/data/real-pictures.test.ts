import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { DAMAGED, MediaFailure } from "../../services/media/media-failure";
import { sniff } from "../../services/media/sniff";
import { fileOf, type Made, make } from "../renditions/made";
import { describeRealInput, realPicture } from "./real-input";
import { metadataIn } from "../renditions/served-bytes";

describeRealInput("renditions of real pictures", () => {
  const made = new Map<string, Made>();
  const failed = new Map<string, unknown>();
  const folder = mkdtempSync(join(tmpdir(), "emulsion-pictures-"));

  beforeAll(async () => {
    const names = readdirSync(realPicture("")).filter((name) => name !== "nature");
    const nature = readdirSync(realPicture("nature")).map((name) => `nature/${name}`);
    for (const name of [...names, ...nature]) {
      await make(realPicture(name)).then(
        (result) => made.set(name, result),
        (error: unknown) => failed.set(name, error),
      );
    }
  }, 240_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const of = (name: string): Made => {
    const result = made.get(name);
    if (result === undefined) throw new Error(`There are no renditions of ${name}: ${String(failed.get(name))}`);
    return result;
  };
  const pixels = (bytes: Buffer) => sharp(bytes).raw().toBuffer();

  it("are there of every picture but the one cut short, which says why", () => {
    expect([...failed.keys()]).toEqual(["broken_3.jpg"]);
    expect(failed.get("broken_3.jpg")).toBeInstanceOf(MediaFailure);
    expect(failed.get("broken_3.jpg")).toMatchObject({ message: DAMAGED });
    expect(made.size).toBeGreaterThanOrEqual(33);
  });

  it("have every name in WebP and JPEG, are not enlarged, and are what they say", async () => {
    for (const [name, result] of made) {
      const expected = ["w150", "w320", "w640", "w1080"].flatMap((size) => [`${size}.webp`, `${size}.jpeg`]);
      expect(result.renditions.map((rendition) => `${rendition.name}.${rendition.format}`)).toEqual(expected);
      for (const { width, height, format, bytes, file } of result.renditions) {
        expect([name, width <= result.width, height <= result.height]).toEqual([name, true, true]);
        const about = await sharp(result.files.get(file)).metadata();
        expect(about).toMatchObject({ format, width, space: "srgb" });
        expect(about.pageHeight ?? about.height).toBe(height);
        expect(result.files.get(file)).toHaveLength(bytes);
      }
      expect(Buffer.from(result.thumbhash, "base64").length).toBeGreaterThan(14);
    }
  });

  it("hold nothing but pixels", async () => {
    for (const [name, { files }] of made) {
      for (const [file, bytes] of files) expect([name, file, await metadataIn(bytes)]).toEqual([name, file, []]);
    }
  });

  it("would show metadata to that test if there were any", async () => {
    const names = ["gps_DSCN0010.jpg", "xmp_only.jpg", "camera_canon.jpg", "photo.webp"];
    for (const name of names) expect(await metadataIn(readFileSync(realPicture(name)))).not.toEqual([]);
  });

  it("look the same for all eight orientations", async () => {
    const first = of("orientation_1.jpg");
    const reference = await pixels(fileOf(first, "w320", "jpeg"));
    for (let orientation = 2; orientation <= 8; orientation++) {
      const turned = of(`orientation_${orientation}.jpg`);
      expect([turned.width, turned.height]).toEqual([first.width, first.height]);
      expect(difference(await pixels(fileOf(turned, "w320", "jpeg")), reference)).toBeLessThan(6);
    }
    const mirrored = await sharp(fileOf(first, "w320", "jpeg"))
      .flop()
      .raw()
      .toBuffer();
    expect(difference(mirrored, reference)).toBeGreaterThan(20);
  });

  it("stand upright where the camera was held so", () => {
    expect(of("camera_canon.jpg")).toMatchObject({ width: 1536, height: 2048 });
    expect(of("camera_canon.jpg").renditions.at(-1)).toMatchObject({ name: "w1080", width: 1080, height: 1440 });
  });

  it.each(["animated.gif", "animated.webp"])(
    "of %s move in WebP, at its own pace, and stand still in JPEG",
    async (name) => {
      const result = of(name);
      const original = await sharp(realPicture(name)).metadata();
      expect(result.is_animated).toBe(true);
      for (const size of ["w150", "w320"]) {
        const moving = await sharp(fileOf(result, size, "webp")).metadata();
        expect(moving).toMatchObject({ pages: 15, delay: original.delay, loop: original.loop });
      }
      const frame = (page: number) =>
        sharp(fileOf(result, "w150", "webp"), { page })
          .removeAlpha()
          .raw()
          .toBuffer();
      expect(difference(await frame(0), await frame(8))).toBeGreaterThan(1);
      expect(difference(await frame(0), await pixels(fileOf(result, "w150", "jpeg")))).toBeLessThan(12);
    },
  );

  it("show an iPhone's HEIC upright, and its Display P3 in sRGB", async () => {
    const result = of("iphone.heic");
    expect(result).toMatchObject({ width: 2566, height: 3313 });
    const small = fileOf(result, "w320", "webp");
    const [petal, leaf] = [await colourAt(small, 0.42, 0.58), await colourAt(small, 0.44, 0.27)];
    expect(petal.blue).toBeGreaterThan(petal.green + 40);
    expect(petal.red).toBeGreaterThan(petal.green + 20);
    expect(leaf.green).toBeGreaterThan(leaf.blue + 10);
  });

  it("show HDR as bright as it is: the sky of a PQ picture is blue and light", async () => {
    const result = of("hdr_10bit.avif");
    expect(result).toMatchObject({ width: 3681, height: 5594 });
    const sky = await colourAt(fileOf(result, "w320", "webp"), 0.7, 0.3);
    expect(sky.blue).toBeGreaterThan(190);
    expect(sky.blue).toBeGreaterThan(sky.red + 40);
  });

  it.each(["camera_canon.jpg", "photo.webp", "plot.png", "animated.gif", "photo.avif", "iphone.heic"])(
    "are refused with a reason of %s cut in the middle",
    async (name) => {
      const whole = readFileSync(realPicture(name));
      const path = join(folder, "cut");
      writeFileSync(path, whole.subarray(0, whole.length / 2));
      await expect(make(path)).rejects.toMatchObject({ name: "MediaFailure", message: DAMAGED });
    },
    60_000,
  );

  it("are of files that sniffing knows by their bytes", () => {
    const formats = { jpg: "jpeg", png: "png", webp: "webp", gif: "gif", avif: "avif", heic: "heic" };
    for (const name of readdirSync(realPicture("")).filter((entry) => entry !== "nature")) {
      const extension = name.split(".").pop() as keyof typeof formats;
      expect([name, sniff(readFileSync(realPicture(name)))?.format]).toEqual([name, formats[extension]]);
    }
  });
});

/** Mean difference of a channel, 0 to 255. */
function difference(one: Buffer, other: Buffer): number {
  expect(one.length).toBe(other.length);
  let sum = 0;
  for (let i = 0; i < one.length; i++) sum += Math.abs(one[i]! - other[i]!);
  return sum / one.length;
}

/** The mean of a spot, placed in parts of width and height. */
async function colourAt(bytes: Buffer, x: number, y: number) {
  const { width, height } = await sharp(bytes).metadata();
  const spot = { left: Math.round(width * x), top: Math.round(height * y), width: 8, height: 8 };
  const { channels } = await sharp(await sharp(bytes).extract(spot).png().toBuffer()).stats();
  const [red, green, blue] = channels.map(({ mean }) => mean) as [number, number, number];
  return { red, green, blue };
}
