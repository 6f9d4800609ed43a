import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { type Client, type Json, useGateway } from "../setup/http-client";
import { sharedData } from "../setup/shared-data";

const photos = sharedData("photos");
const videos = sharedData("videos");

/** What metadata of each kind begins with, wherever in a file it stands. */
const traces = [
  "Exif\0\0",
  "http://ns.adobe.com/xap",
  "<x:xmpmeta",
  "Photoshop 3.0",
  "8BIM",
  "GPSLatitude",
  "+37.5665",
];

/** Cut short by its README: never shown half grey as if it were whole. */
const cutShort = ["broken_3.jpg", "cut_short.mp4"];

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

photos.describe("real photographs and videos over HTTP", () => {
  const gateway = useGateway();
  let alice: Client;
  const media = new Map<string, Json>();

  beforeAll(async () => {
    alice = await gateway.person("alice");
    const waiting = [...filesBelow(photos.folder), ...filesBelow(videos.folder)];
    const upload = async () => {
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
        media.set(path.split("/").at(-1)!, await alice.uploaded(readFileSync(path), 120_000));
      }
    };
    await Promise.all([upload(), upload()]);
  }, 240_000);

  const bytesOf = async (url: string) => Buffer.from(await (await fetch(gateway.url() + url)).arrayBuffer());
  const rendition = (name: string, which: string, format: string): Json =>
    media.get(name).renditions.find((one: Json) => one.name === which && one.format === format);

  it("are ready, but for those that are cut short, which say so", () => {
    expect(media.size).toBeGreaterThan(30);
    const failed = [...media].filter(([, { status }]) => status === "failed");
    expect(failed.map(([name]) => name).sort()).toEqual(cutShort);
    for (const [, { failure, renditions }] of failed) {
      expect(failure).toBe("The file is cut short or damaged.");
      expect(renditions).toEqual([]);
    }
  });

  it("are served without a trace of metadata", async () => {
    let served = 0;
    for (const [name, { renditions }] of media) {
      for (const { url, format } of renditions) {
        const bytes = await bytesOf(url);
        const found = traces.filter((trace) => bytes.includes(trace));
        expect({ name, format, found }).toEqual({ name, format, found: [] });
        if (format !== "mp4") {
          const { exif, xmp, iptc, orientation } = await sharp(bytes).metadata();
          expect({ name, exif, xmp, iptc, orientation }).toEqual({ name });
        }
        served += 1;
      }
    }
    expect(served).toBeGreaterThan(200);
  }, 120_000);

  it("of all eight orientations look the same", async () => {
    const pixels = async (n: number) =>
      sharp(await bytesOf(rendition(`orientation_${n}.jpg`, "w320", "webp").url))
        .resize(32, 32, { fit: "fill" })
        .removeAlpha()
        .raw()
        .toBuffer();
    const first = await pixels(1);
    for (let n = 2; n <= 8; n += 1) {
      const other = await pixels(n);
      expect(media.get(`orientation_${n}.jpg`).width).toBe(media.get("orientation_1.jpg").width);
      const difference = first.reduce((sum, value, i) => sum + Math.abs(value - other[i]!), 0) / first.length;
      expect(difference).toBeLessThan(6);
    }
  }, 60_000);

  it("in HEIC and AVIF are shown, and what moved goes on moving", async () => {
    for (const name of ["iphone.heic", "photo.avif", "hdr_10bit.avif"]) {
      const { channels, width } = await sharp(await bytesOf(rendition(name, "w640", "jpeg").url)).metadata();
      expect({ name, channels, width }).toEqual({ name, channels: 3, width: 640 });
      const { channels: stats } = await sharp(await bytesOf(rendition(name, "w320", "webp").url)).stats();
      // Not one flat colour, as a picture that was not decoded would be.
      expect(Math.max(...stats.map(({ stdev }) => stdev))).toBeGreaterThan(10);
    }
    for (const name of ["animated.gif", "animated.webp"]) {
      const { pages } = await sharp(await bytesOf(rendition(name, "w320", "webp").url)).metadata();
      expect(pages).toBeGreaterThan(1);
    }
  }, 60_000);

  it("that are videos play everywhere, and have a poster", async () => {
    for (const name of ["clip.mp4", "phone_hevc_rotated_gps.mov"]) {
      expect(media.get(name)).toMatchObject({ kind: "video", status: "ready" });
      expect(media.get(name).duration_ms).toBeGreaterThan(500);
      const video = media.get(name).renditions.find(({ format }: Json) => format === "mp4");
      expect((await bytesOf(video.url)).subarray(4, 8).toString()).toBe("ftyp");
      expect(rendition(name, "w320", "webp")).toBeDefined();
    }
  });
});
