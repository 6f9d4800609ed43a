import type { ParamsOf, ResultOf } from "../contracts";
import { findKnown, statKnown } from "./known-media";
import { MediaNotFoundError } from "./media.errors";
import type { MediaRow } from "./media.repository";
import { type Asking, type MediaParts, prefixOf } from "./media-parts";
import { isOpen } from "./present-media";
import { isSame } from "./sign-url";

const YEAR_SECONDS = 31_536_000;

const contentTypes: Record<string, string> = {
  webp: "image/webp",
  jpeg: "image/jpeg",
  avif: "image/avif",
  mp4: "video/mp4",
};

type Url = ParamsOf<"media.locate">;
type Located = ResultOf<"media.locate">;

/** Only what a URL may have now: every request is checked, so that going private or a deletion holds at once. @throws {MediaNotFoundError} */
export async function locateMedia(parts: MediaParts, ctx: Asking, url: Url): Promise<Located> {
  const secondsLeft = url.secret === undefined ? signedFor(parts, url) : YEAR_SECONDS;
  const row = (await findKnown(parts, [url.media_id])).get(url.media_id);
  const rendition = row?.renditions.find(({ file }) => file === url.name);
  if (row?.status !== "ready" || rendition === undefined) throw new MediaNotFoundError();
  if (url.secret !== undefined && !isSame(url.secret, row.secret)) throw new MediaNotFoundError();
  await requireOpen(ctx, row, url.secret !== undefined);

  const object_key = prefixOf(row.id) + rendition.file;
  const facts = await statKnown(parts, object_key);
  if (facts === undefined) throw new MediaNotFoundError();
  return {
    object_key,
    size_bytes: facts.sizeBytes,
    etag: facts.etag,
    content_type: contentTypes[rendition.format] ?? "application/octet-stream",
    is_public: url.secret !== undefined,
    max_age_seconds: secondsLeft,
  };
}

function signedFor({ signer }: MediaParts, { media_id, name, expires, signature }: Url): number {
  if (expires === undefined || signature === undefined) throw new MediaNotFoundError();
  const secondsLeft = signer.remaining({ media_id, name, expires, signature }, Date.now());
  if (secondsLeft === undefined) throw new MediaNotFoundError();
  return secondsLeft;
}

/** A public URL holds while everybody may see the upload and its post, a signed one lives out its time while the owner exists. */
async function requireOpen(ctx: Asking, row: MediaRow, isPublic: boolean): Promise<void> {
  // The question is what the public may see, whoever asks.
  const asPublic = { meta: { viewer: undefined } };
  const { users } = await ctx.call("graph.visible", { user_ids: [row.user_id] }, asPublic);
  const owner = users[0];
  const mayHave = isPublic
    ? isOpen(row, owner) && !row.is_archived
    : owner !== undefined && owner.visibility !== "none";
  if (!mayHave) throw new MediaNotFoundError();
}
