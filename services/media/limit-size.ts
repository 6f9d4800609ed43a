import type { Config } from "../../lib/config";
import { MediaTooLargeError } from "./media.errors";

export function maxBytesOf({ imageMaxBytes, videoMaxBytes }: Config, kind: "image" | "video"): number {
  return kind === "image" ? imageMaxBytes : videoMaxBytes;
}

/** @throws {MediaTooLargeError} */
export function limitSize(config: Config, kind: "image" | "video", sizeBytes: number): void {
  const maxBytes = maxBytesOf(config, kind);
  if (sizeBytes > maxBytes) throw new MediaTooLargeError(kind, maxBytes);
}
