import { accessSync, chmodSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface Ffmpeg {
  ffmpeg: string;
  ffprobe: string;
  /** From the npm packages, of 2018: for a laptop and for tests, not for strangers' video. */
  isBundled: boolean;
}

/** FFmpeg from the system where it is installed, else from the optional npm packages; undefined where there is neither. */
export function findFfmpeg(searchPath: string): Ffmpeg | undefined {
  const [ffmpeg, ffprobe] = [onPath("ffmpeg", searchPath), onPath("ffprobe", searchPath)];
  if (ffmpeg !== undefined && ffprobe !== undefined) return { ffmpeg, ffprobe, isBundled: false };
  const bundled = {
    ffmpeg: bundledPath("@ffmpeg-installer/ffmpeg"),
    ffprobe: bundledPath("@ffprobe-installer/ffprobe"),
  };
  if (bundled.ffmpeg === undefined || bundled.ffprobe === undefined) return undefined;
  return { ffmpeg: bundled.ffmpeg, ffprobe: bundled.ffprobe, isBundled: true };
}

function onPath(name: string, searchPath: string): string | undefined {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  return searchPath
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, file))
    .find(isFile);
}

/** No more than false for a folder that we may not look into: a PATH can hold another user's. */
function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function bundledPath(name: string): string | undefined {
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- optional: it may not be installed
    const { path } = require(name) as { path: string };
    // Its install script sets this bit, and install scripts may be off.
    if (!isExecutable(path)) chmodSync(path, 0o755);
    return path;
  } catch {
    return undefined;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
