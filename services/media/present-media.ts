import { publicMediaUrl } from "../../lib/media-url";
import type { ResultOf } from "../contracts";
import type { Media } from "./media.contract";
import { findKnown } from "./known-media";
import { MediaNotFoundError } from "./media.errors";
import type { MediaRow, StoredRendition } from "./media.repository";
import type { Asking, MediaParts } from "./media-parts";

type Owner = ResultOf<"graph.visible">["users"][number];

/** The path that anybody may fetch while the upload is in use and its owner public. */
export function publicPath({ id, secret }: MediaRow, { file }: StoredRendition): string {
  return `/media/${id}/${secret}/${file}`;
}

/** One upload by its id. @throws {MediaNotFoundError} also for what the viewer may not know of. */
export async function getMedia(parts: MediaParts, ctx: Asking, mediaId: string): Promise<Media> {
  const row = (await findKnown(parts, [mediaId])).get(mediaId);
  // Who asks by id sees what a post shows, not what one is about to show, or shows no more.
  const isShown = row?.used_as !== "post" || (row.confirmed_at !== null && !row.is_archived);
  const isHidden = !isShown && row.user_id !== ctx.meta.viewer?.id;
  const [shown] = row === undefined || isHidden ? [] : await presentVisible(parts, ctx, [row]);
  if (shown === undefined) throw new MediaNotFoundError();
  return shown;
}

/** In the order asked, less what the viewer may not see. */
export async function getManyMedia(parts: MediaParts, ctx: Asking, ids: readonly string[]): Promise<Media[]> {
  const rows = await findKnown(parts, ids);
  return presentVisible(
    parts,
    ctx,
    ids.map((id) => rows.get(id)).filter((row) => row !== undefined),
  );
}

/** Those that this viewer may see: their own, and others' that are in use where they may look. */
export async function presentVisible(parts: MediaParts, ctx: Asking, rows: readonly MediaRow[]): Promise<Media[]> {
  if (rows.length === 0) return [];
  const user_ids = [...new Set(rows.map(({ user_id }) => user_id))];
  const { users } = await ctx.call("graph.visible", { user_ids });
  const owners = new Map(users.map((owner) => [owner.user_id, owner]));
  const nowMs = Date.now();
  return rows.flatMap((row) => {
    const owner = owners.get(row.user_id);
    const isOwn = row.user_id === ctx.meta.viewer?.id;
    if (!isOwn && !isOpen(row, owner)) return [];
    // While an event that shows a post again is on its way, the others' URLs are signed ones.
    const isPublic = row.used_as === "post" && !owner?.is_private && !row.is_archived;
    return [present(parts, row, row.used_as === "avatar" || isPublic, nowMs)];
  });
}

/** An avatar shows to all for whom its owner exists. */
export function isOpen(row: MediaRow, owner: Owner | undefined): boolean {
  if (row.used_as === null || owner === undefined) return false;
  return row.used_as === "avatar" ? owner.visibility !== "none" : owner.visibility === "full";
}

function present({ config, signer }: MediaParts, row: MediaRow, isPublic: boolean, nowMs: number): Media {
  const urlOf = (rendition: StoredRendition): string =>
    isPublic
      ? publicMediaUrl(config, publicPath(row, rendition))
      : // What a CDN may not keep does not go through it.
        publicMediaUrl(
          { publicUrl: config.publicUrl, cdnBaseUrl: undefined },
          signer.sign(row.id, rendition.file, nowMs),
        );
  return {
    id: row.id,
    status: row.status,
    ...(row.failure === null ? {} : { failure: row.failure }),
    kind: row.kind,
    width: row.width,
    height: row.height,
    ...(row.duration_ms === null ? {} : { duration_ms: row.duration_ms }),
    alt_text: row.alt_text,
    thumbhash: row.thumbhash,
    renditions: row.renditions.map((rendition) => {
      const { name, width, height, format, bytes } = rendition;
      return { name, url: urlOf(rendition), width, height, format, bytes };
    }),
    created_at: row.created_at,
  };
}
