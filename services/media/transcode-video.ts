import { join } from "node:path";
import type { Ffmpeg } from "./find-ffmpeg";
import { CAREFULLY, probeVideo, type VideoFacts } from "./probe-video";
import { CommandFailedError, runCommand } from "./run-command";
import { DAMAGED, MediaFailure, TOO_SLOW } from "./media-failure";

/** What a phone can show, upright or lying. */
const shortSide = 1080;
const longSide = 1920;
const maxFramesPerSecond = 60;
const timeoutMs = 15 * 60_000;
const maxOutputFileBytes = 512 * 1024 ** 2;

export interface Transcoded extends VideoFacts {
  /** H.264 and AAC in MP4, upright, its index first, without tags. */
  video: string;
  /** One frame as PNG. */
  poster: string;
}

/**
 * Makes of any video one that every phone plays, in `folder`. Nothing of the original's tags, chapters or position is kept.
 * @throws {MediaFailure} with a reason for people.
 */
export async function transcodeVideo(
  tools: Ffmpeg,
  input: string,
  folder: string,
  { maxSeconds }: { maxSeconds: number },
): Promise<Transcoded> {
  const source = await probeVideo(tools, input);
  refuseLonger(source.durationMs, maxSeconds);
  const video = join(folder, "video.mp4");
  const poster = join(folder, "poster.png");
  await encode(tools, input, video, source, maxSeconds);
  const made = await probeVideo(tools, video);
  refuseLonger(made.durationMs, maxSeconds);
  // Where the data ends before the index says so, ffmpeg stops quietly.
  if (source.durationMs !== undefined && (made.durationMs ?? 0) < source.durationMs * 0.9 - 500) throw damaged();
  const still = ["-frames:v", "1", "-f", "image2", "-c:v", "png", "-y", poster];
  await run(tools, ["-ss", posterSecond(made), "-i", video, ...still]);
  return { ...made, video, poster };
}

function encode(tools: Ffmpeg, input: string, output: string, source: VideoFacts, maxSeconds: number): Promise<void> {
  const { width, height, framesPerSecond = 0 } = source;
  const scale = Math.min(1, shortSide / Math.min(width, height), longSide / Math.max(width, height));
  const even = (length: number) => Math.max(2, 2 * Math.round((length * scale) / 2));
  // ffmpeg turns the picture by the matrix before these, so that it stands upright by itself.
  const filters = [`scale=${even(width)}:${even(height)}`, "setsar=1", "format=yuv420p"];
  // Not by -r, which recent versions refuse beside a variable rate.
  if (framesPerSecond > maxFramesPerSecond) filters.unshift(`fps=${maxFramesPerSecond}`);
  return run(tools, [
    // V: a film, not the picture of its cover.
    ...["-i", input, "-map", "0:V:0", "-map", "0:a:0?", "-sn", "-dn"],
    ...["-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1"],
    ...["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"],
    ...["-vf", filters.join(",")],
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-profile:v", "high", "-threads", "2"],
    ...["-c:a", "aac", "-b:a", "128k", "-ac", "2"],
    // A file that tells no length, or a false one, is cut just past the limit and then refused.
    ...["-t", String(maxSeconds + 1), "-fs", String(maxOutputFileBytes)],
    ...["-movflags", "+faststart", "-f", "mp4", "-y", output],
  ]);
}

async function run({ ffmpeg }: Ffmpeg, args: readonly string[]): Promise<void> {
  try {
    await runCommand(ffmpeg, ["-hide_banner", "-nostdin", "-v", "error", ...CAREFULLY, ...args], { timeoutMs });
  } catch (error) {
    if (!(error instanceof CommandFailedError)) throw error;
    if (error.reason === "timeout") throw new MediaFailure(TOO_SLOW);
    throw damaged();
  }
}

function posterSecond({ durationMs = 0 }: VideoFacts): string {
  return (Math.min(1000, durationMs / 3) / 1000).toFixed(3);
}

function refuseLonger(durationMs: number | undefined, maxSeconds: number): void {
  // A frame more than a whole minute is still a minute to whoever filmed it.
  if (durationMs !== undefined && durationMs > maxSeconds * 1000 + 100) {
    throw new MediaFailure(`The video is longer than ${maxSeconds} seconds.`);
  }
}

export function damaged(): MediaFailure {
  return new MediaFailure(DAMAGED);
}
