import { z } from "zod";
import type { Ffmpeg } from "./find-ffmpeg";
import { CommandFailedError, runCommand } from "./run-command";
import { DAMAGED, MediaFailure } from "./media-failure";

export interface VideoFacts {
  /** Upright, in pixels. */
  width: number;
  height: number;
  /** Undefined where the file does not tell. */
  durationMs: number | undefined;
  /** On average; undefined where the file does not tell. */
  framesPerSecond: number | undefined;
}

/** Larger frames than any phone's: what asks for more is an attack on memory. */
const maxFramePixels = 8192 * 4320;

/** What a file may be read as, and from where: a crafted playlist must not make us fetch or read anything but this file. */
export const CAREFULLY = ["-protocol_whitelist", "file,pipe", "-format_whitelist", "mov,matroska"] as const;

const seconds = z.coerce.number().nonnegative().optional().catch(undefined);
const answer = z.object({
  streams: z
    .array(
      z.object({
        codec_type: z.string().optional(),
        width: z.number().int().positive().optional(),
        height: z.number().int().positive().optional(),
        duration: seconds,
        avg_frame_rate: z.string().optional(),
        tags: z
          .object({ rotate: z.coerce.number().optional().catch(undefined) })
          .optional()
          .catch(undefined),
        side_data_list: z
          .array(z.object({ rotation: z.number().optional().catch(undefined) }))
          .optional()
          .catch(undefined),
        disposition: z.object({ attached_pic: z.number().optional() }).optional(),
      }),
    )
    .default([]),
  format: z.object({ duration: seconds }).optional(),
});

/** @throws {MediaFailure} where the file holds no video that can be read. */
export async function probeVideo({ ffprobe }: Ffmpeg, path: string): Promise<VideoFacts> {
  const { streams, format } = await ask(ffprobe, path);
  const video = streams.find(
    ({ codec_type, disposition }) => codec_type === "video" && disposition?.attached_pic !== 1,
  );
  if (video?.width === undefined || video.height === undefined) {
    throw new MediaFailure("The file holds no moving picture.");
  }
  if (video.width * video.height > maxFramePixels) throw new MediaFailure("The video's frames are too large.");
  const rotation =
    video.side_data_list?.find((data) => data.rotation !== undefined)?.rotation ?? video.tags?.rotate ?? 0;
  const isTurned = Math.abs(Math.round(rotation / 90)) % 2 === 1;
  const duration = format?.duration ?? video.duration;
  return {
    width: isTurned ? video.height : video.width,
    height: isTurned ? video.width : video.height,
    durationMs: duration === undefined ? undefined : Math.round(duration * 1000),
    framesPerSecond: quotient(video.avg_frame_rate ?? ""),
  };
}

/** "30000/1001", or "0/0" where it is not known. */
function quotient(text: string): number | undefined {
  const [over, under] = text.split("/").map(Number);
  return over && under ? over / under : undefined;
}

async function ask(ffprobe: string, path: string): Promise<z.output<typeof answer>> {
  const args = ["-v", "error", ...CAREFULLY, "-print_format", "json", "-show_format", "-show_streams", path];
  try {
    return answer.parse(JSON.parse(await runCommand(ffprobe, args, { timeoutMs: 30_000 })));
  } catch (error) {
    if (!(error instanceof CommandFailedError) && !(error instanceof SyntaxError) && !(error instanceof z.ZodError))
      throw error;
    throw new MediaFailure(DAMAGED);
  }
}
