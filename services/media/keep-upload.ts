import { randomBytes } from "node:crypto";
import * as media from "./media.repository";
import type { MediaRow, NewMedia } from "./media.repository";
import type { MediaParts } from "./media-parts";
import * as removals from "./removals.repository";
import { countUpload } from "./upload-metrics";

/**
 * Makes an upload of what is stored whole, and leaves its renditions to the queue. Undefined where its removal, announced before its
 * first byte, is due or was called off by somebody else.
 */
export async function keepUpload(parts: MediaParts, upload: Omit<NewMedia, "secret">): Promise<MediaRow | undefined> {
  const { id, kind, bytes } = upload;
  const secret = randomBytes(16).toString("base64url");
  const row = await parts.sql.at(id).transaction(async (tx) => {
    return (await removals.callOff(tx, id)) ? media.insert(tx, { ...upload, secret }) : undefined;
  });
  if (row === undefined) return undefined;
  countUpload(parts.broker, kind, bytes);
  parts.queue.add(id);
  return row;
}
