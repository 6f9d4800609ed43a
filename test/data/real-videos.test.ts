import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { type Ffmpeg, findFfmpeg } from "../../services/media/find-ffmpeg";
import { CommandFailedError, runCommand } from "../../services/media/run-command";
import { type Transcoded, transcodeVideo } from "../../services/media/transcode-video";
import { make } from "../renditions/made";
import { describeRealInput, realVideo } from "./real-input";
import { metadataIn } from "../renditions/served-bytes";

const DAMAGED = "The file is cut short or damaged.";

describeRealInput("transcodeVideo", () => {
  const root = mkdtempSync(join(tmpdir(), "emulsion-videos-"));
  const made: Record<string, Transcoded> = {};
  let tools: Ffmpeg;
  let count = 0;

  const transcode = (input: string, maxSeconds = 60) => {
    const folder = mkdtempSync(join(root, `${count++}-`));
    return transcodeVideo(tools, input, folder, { maxSeconds });
  };
  const fileOf = (bytes: Buffer | string): string => {
    const path = join(root, `input-${count++}`);
    writeFileSync(path, bytes);
    return path;
  };
  const probed = (path: string) => {
    const args = ["-v", "error", "-print_format", "json", "-show_format", "-show_streams", "-show_chapters", path];
    return JSON.parse(execFileSync(tools.ffprobe, args).toString()) as {
      streams: { codec_name: string; pix_fmt?: string; tags?: Record<string, string>; side_data_list?: unknown[] }[];
      format: { tags: Record<string, string> };
      chapters: unknown[];
    };
  };

  beforeAll(async () => {
    const found = findFfmpeg(process.env["PATH"] ?? "");
    if (found === undefined) throw new Error("These tests need ffmpeg, which npm installs as an optional package.");
    tools = found;
    for (const name of ["clip.mp4", "phone_hevc_rotated_gps.mov"]) made[name] = await transcode(realVideo(name));
  }, 120_000);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it("makes H.264 and AAC of any, in four-to-two-to-nought, its index first", () => {
    for (const { video } of Object.values(made)) {
      const { streams } = probed(video);
      expect(streams.map(({ codec_name }) => codec_name)).toEqual(["h264", "aac"]);
      expect(streams[0]!.pix_fmt).toBe("yuv420p");
      const bytes = readFileSync(video);
      expect(bytes.indexOf("moov")).toBeLessThan(bytes.indexOf("mdat"));
    }
  });

  it("tells width and height upright, and how long it is", async () => {
    expect(made["clip.mp4"]).toMatchObject({ width: 960, height: 540 });
    expect(made["phone_hevc_rotated_gps.mov"]).toMatchObject({ width: 540, height: 960 });
    for (const { durationMs, poster, width, height } of Object.values(made)) {
      expect(Math.abs(durationMs! - 2000)).toBeLessThan(100);
      expect(await sharp(poster).metadata()).toMatchObject({ width, height });
    }
  });

  it("turns the pixels themselves: the poster of the turned one is that of the other, turned", async () => {
    const small = (path: string, angle: number) =>
      sharp(path).rotate(angle).resize(96, 54, { fit: "fill" }).removeAlpha().raw().toBuffer();
    const reference = await small(made["clip.mp4"]!.poster, 0);
    const { poster } = made["phone_hevc_rotated_gps.mov"]!;
    const difference = async (angle: number) => {
      const turned = await small(poster, angle);
      return turned.reduce((sum, value, i) => sum + Math.abs(value - reference[i]!), 0) / turned.length;
    };
    const [back, over] = [await difference(90), await difference(270)];
    expect(Math.min(back, over)).toBeLessThan(10);
    expect(Math.max(back, over)).toBeGreaterThan(20);
    expect(probed(made["phone_hevc_rotated_gps.mov"]!.video).streams[0]!.side_data_list).toBeUndefined();
  });

  it("leaves no tag, no position and no chapter", () => {
    for (const [name, { video }] of Object.entries(made)) {
      const { streams, format, chapters } = probed(video);
      expect(Object.keys(format.tags).sort()).toEqual(["compatible_brands", "major_brand", "minor_version"]);
      for (const { tags } of streams) {
        const { handler_name, language, ...others } = tags!;
        expect([language, /^(Video|Sound)Handler$/.test(handler_name!)]).toEqual(["und", true]);
        expect(Object.keys(others).filter((tag) => tag !== "vendor_id")).toEqual([]);
      }
      expect(chapters).toEqual([]);
      const traces = ["Two birds", "shot at home", "+37.5665", "126.9780", "Phone", "\xa9xyz", "\xa9nam", "Lavf"];
      const holds = (bytes: Buffer) => traces.filter((trace) => bytes.includes(Buffer.from(trace, "latin1")));
      const bytes = readFileSync(video);
      expect(holds(bytes)).toEqual([]);
      // Some versions write a list of tags with nothing in it.
      const list = bytes.indexOf("ilst");
      expect(list === -1 || bytes.readUInt32BE(list - 4) === 8).toBe(true);
      expect(holds(readFileSync(realVideo(name)))).not.toEqual([]);
    }
  });

  it("gives a poster of which renditions are made", async () => {
    const poster = await make(made["clip.mp4"]!.poster, { formats: ["webp"] });
    expect(poster.renditions.map(({ name }) => name)).toEqual(["w150", "w320", "w640", "w1080"]);
    for (const bytes of poster.files.values()) expect(await metadataIn(bytes)).toEqual([]);
  });

  it("refuses a file without its index, and one whose pictures end before their time, with the reason", async () => {
    await expect(transcode(realVideo("cut_short.mp4"))).rejects.toThrow(DAMAGED);
    const whole = readFileSync(made["clip.mp4"]!.video);
    await expect(transcode(fileOf(whole.subarray(0, whole.length * 0.5)))).rejects.toThrow(DAMAGED);
  }, 60_000);

  it("refuses a longer one than the limit", async () => {
    await expect(transcode(realVideo("clip.mp4"), 1)).rejects.toThrow("The video is longer than 1 seconds.");
  });

  it("follows no playlist, and reads no picture for a film", async () => {
    const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile://${realVideo("clip.mp4")}\n#EXT-X-ENDLIST\n`;
    const concat = `ffconcat version 1.0\nfile '${realVideo("clip.mp4")}'\n`;
    const picture = await sharp({ create: { width: 64, height: 64, channels: 3, background: "#c00" } })
      .png()
      .toBuffer();
    for (const bytes of [playlist, concat, picture]) await expect(transcode(fileOf(bytes))).rejects.toThrow(DAMAGED);
  });

  it("bounds a film in its size and rate", async () => {
    const input = join(root, "large.mp4");
    const film = ["-f", "lavfi", "-i", "testsrc=size=2600x1300:rate=120:duration=0.25", "-preset", "ultrafast"];
    execFileSync(tools.ffmpeg, ["-v", "error", ...film, input]);
    const { video, width, height } = await transcode(input);
    expect([width, height]).toEqual([1920, 960]);
    const args = [
      "-v",
      "error",
      "-select_streams",
      "v",
      "-show_entries",
      "stream=avg_frame_rate",
      "-of",
      "csv=p=0",
      video,
    ];
    expect(execFileSync(tools.ffprobe, args).toString().trim()).toBe("60/1");
  }, 60_000);

  it("leaves only the film and its poster in the folder", () => {
    for (const folder of readdirSync(root).filter((name) => /^\d+-/.test(name)))
      expect(["poster.png", "video.mp4"]).toEqual(expect.arrayContaining(readdirSync(join(root, folder))));
  });

  it("ends a command that takes too long or prints too much", async () => {
    const endless = ["-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x64", "-f", "rawvideo", "-"];
    const begun = Date.now();
    await expect(
      runCommand(tools.ffmpeg, endless, { timeoutMs: 20_000, maxOutputBytes: 100_000 }),
    ).rejects.toMatchObject({
      reason: "output",
    });
    const silent = ["-v", "error", "-re", "-f", "lavfi", "-i", "testsrc=size=64x64", "-f", "null", "-"];
    const late = runCommand(tools.ffmpeg, silent, { timeoutMs: 300 });
    await expect(late).rejects.toBeInstanceOf(CommandFailedError);
    await expect(late).rejects.toMatchObject({ reason: "timeout" });
    expect(Date.now() - begun).toBeLessThan(20_000);
  }, 30_000);
});
