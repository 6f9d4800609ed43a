import type { Readable } from "node:stream";
import type { ParamsOf } from "../contracts";
import { MediaNotFoundError } from "./media.errors";
import type { MediaParts } from "./media-parts";

/** The bytes of an object that `locate` told of. @throws {MediaNotFoundError} also for what `locate` never tells of. */
export async function readObject(
  { objects }: MediaParts,
  { object_key, start, end }: ParamsOf<"media.read">,
): Promise<Readable> {
  if (!/^media\/[0-9a-f]{24}\/(?!original$)[\w-]+\.[a-z0-9]+$/.test(object_key)) throw new MediaNotFoundError();
  const facts = await objects.stat(object_key);
  if (facts === undefined) throw new MediaNotFoundError();
  if (start === undefined && end === undefined) return objects.read(object_key);
  return objects.read(object_key, { start: start ?? 0, end: end ?? facts.sizeBytes - 1 });
}
