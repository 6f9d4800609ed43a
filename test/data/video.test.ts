import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { findFfmpeg } from "../../services/media/find-ffmpeg";
import { probeVideo } from "../../services/media/probe-video";
import { transcodeVideo } from "../../services/media/transcode-video";
import { sharedData } from "../setup/shared-data";

const videos = sharedData("videos");

videos.describe("a video", () => {
  const tools = findFfmpeg(process.env["PATH"] ?? "")!;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "emulsion-video-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const transcode = (name: string, maxSeconds = 60) => transcodeVideo(tools, videos.file(name), folder, { maxSeconds });

  it("becomes H.264 with its index first, and has none of its tags left", async () => {
    const made = await transcode("clip.mp4");

    const bytes = await readFile(made.video);
    expect(bytes.indexOf("moov")).toBeGreaterThan(0);
    expect(bytes.indexOf("moov")).toBeLessThan(bytes.indexOf("mdat"));
    const told = execFileSync(tools.ffprobe, [
      "-v",
      "error",
      "-print_format",
      "json",
      "-show_format",
      "-show_streams",
      made.video,
    ]).toString();
    const { format, streams } = JSON.parse(told) as { format: { tags: object }; streams: { codec_name: string }[] };
    expect(streams.map(({ codec_name }) => codec_name)).toEqual(["h264", "aac"]);
    expect(Object.keys(format.tags).sort()).toEqual(["compatible_brands", "major_brand", "minor_version"]);
    expect(made.durationMs).toBeGreaterThan(1500);
    expect(await sharp(made.poster).metadata()).toMatchObject({ width: made.width, height: made.height });
  });

  it("filmed by a turned phone stands upright, and does not tell where it was", async () => {
    const secrets = ["+37.5665", "location", "loci", "Two birds", "shot at home"];
    const source = await readFile(videos.file("phone_hevc_rotated_gps.mov"));
    for (const secret of secrets) expect(source.includes(secret)).toBe(true);

    const made = await transcode("phone_hevc_rotated_gps.mov");
    const bytes = await readFile(made.video);
    for (const secret of secrets) expect(bytes.includes(secret)).toBe(false);
    expect(made.height).toBeGreaterThan(made.width);
    const plain = await probeVideo(tools, made.video);
    expect({ width: plain.width, height: plain.height }).toEqual({ width: made.width, height: made.height });
    const raw = execFileSync(tools.ffprobe, [
      "-v",
      "error",
      "-print_format",
      "json",
      "-show_streams",
      made.video,
    ]).toString();
    expect(raw).not.toContain("rotat");
  });

  it("that is cut short fails, and says so", async () => {
    await expect(transcode("cut_short.mp4")).rejects.toThrow("The file is cut short or damaged.");
  });

  it("that is too long fails, and says how long it may be", async () => {
    await expect(transcode("clip.mp4", 1)).rejects.toThrow("The video is longer than 1 seconds.");
  });
});
