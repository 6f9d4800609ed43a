import { z } from "zod";
import { defineContract } from "../../lib/contract";
import { count, done, objectId, timestamp, userId } from "../../lib/fields";
import { rendition } from "../auth/auth.contract";

export const media = z
  .object({
    id: objectId,
    status: z.enum(["processing", "ready", "failed"]),
    /** Only with "failed": a sentence for people. */
    failure: z.string().optional(),
    kind: z.enum(["image", "video"]),
    width: count.nullable(),
    height: count.nullable(),
    duration_ms: count.optional(),
    alt_text: z.string(),
    /** Base64; null until ready. */
    thumbhash: z.string().nullable(),
    renditions: z.array(rendition),
    created_at: timestamp,
  })
  .meta({ id: "Media" });

const altText = z.string().max(1000);

/** An upload that comes in parts, while it is not completed. */
const partUpload = z
  .object({
    id: objectId.describe("of the upload in `GET /media/{media_id}`, once it is completed"),
    size_bytes: count,
    part_size_bytes: count.describe("of each part but the last"),
    parts: z.array(
      z.object({
        part_number: count,
        size_bytes: count,
        is_stored: z.boolean(),
        url: z.string().describe("takes just these bytes by PUT, again too, and without a token"),
      }),
    ),
    urls_expire_at: timestamp,
    expires_at: timestamp.describe("what is not completed by then is removed"),
  })
  .meta({ id: "PartUpload" });

export const mediaContract = defineContract({
  name: "media",
  actions: {
    upload: {
      summary: "Takes one image or video as a stream. Its renditions are made afterwards.",
      access: "viewer",
      params: z.object({ alt_text: altText.optional() }),
      result: media,
      atOnce: 64,
    },
    presign: {
      summary:
        "Begins an upload in parts, each sent to a URL of its own. They may come in any order, and on another day.",
      access: "viewer",
      params: z.object({
        size_bytes: count.min(1),
        content_type: z.string().max(100).describe("such as image/jpeg; its kind must be that of the content"),
        alt_text: altText.optional(),
      }),
      result: partUpload,
    },
    getParts: {
      summary: "Which parts of an upload are there, and fresh URLs, to go on where it stopped.",
      access: "viewer",
      params: z.object({ media_id: objectId }),
      result: partUpload,
      idempotent: true,
    },
    putPart: {
      summary: "Takes one part as a stream, where the object store does not take it by itself.",
      access: "internal",
      params: z.object({
        media_id: objectId,
        part_number: count,
        expires: count.describe("seconds since 1970"),
        signature: z.string().max(128),
      }),
      result: done,
    },
    complete: {
      summary: "Makes one upload of the parts, if it is what was announced. Its renditions are made afterwards.",
      access: "viewer",
      params: z.object({ media_id: objectId }),
      result: media,
      idempotent: true,
    },
    get: {
      summary: "One upload: the viewer's own, or one that is used where the viewer may look.",
      access: "viewer",
      params: z.object({ media_id: objectId }),
      result: media,
      idempotent: true,
    },
    getMany: {
      summary: "Uploads by id, in the order asked, less those that the viewer may not see.",
      access: "internal",
      params: z.object({ media_ids: z.array(objectId).max(1000) }),
      result: z.object({ media: z.array(media) }),
      idempotent: true,
    },
    update: {
      summary: "Changes the alternative text.",
      access: "viewer",
      params: z.object({ media_id: objectId, alt_text: altText }),
      result: media,
      idempotent: true,
    },
    delete: {
      summary: "Deletes an upload that no post uses.",
      access: "viewer",
      params: z.object({ media_id: objectId }),
      result: done,
      idempotent: true,
    },
    claim: {
      summary:
        "Reserves the viewer's uploads for one post. Failed, foreign or used ones are refused, and then none is reserved.",
      access: "viewer",
      params: z.object({ media_ids: z.array(objectId).min(1).max(10), post_id: objectId }),
      result: z.object({ media: z.array(media) }),
      idempotent: true,
    },
    claimAvatar: {
      summary: "Makes one of the viewer's ready images their avatar, or takes the avatar away.",
      access: "viewer",
      params: z.object({ media_id: objectId.nullable() }),
      result: done,
      idempotent: true,
    },
    locate: {
      summary: "Where the bytes of a URL lie, if this URL may have them now.",
      access: "internal",
      params: z.object({
        media_id: objectId,
        name: z.string().max(64),
        secret: z.string().max(128).optional(),
        expires: count.optional().describe("seconds since 1970"),
        signature: z.string().max(128).optional(),
      }),
      result: z.object({
        object_key: z.string(),
        size_bytes: count,
        etag: z.string(),
        content_type: z.string(),
        is_public: z.boolean(),
        max_age_seconds: count,
      }),
      idempotent: true,
    },
    read: {
      summary: "A stream of the bytes of an object that `locate` told of.",
      access: "internal",
      params: z.object({ object_key: z.string().max(256), start: count.optional(), end: count.optional() }),
      result: z.any(),
      idempotent: true,
    },
  },
  events: {
    "media.processed": {
      key: "user_id",
      aggregate: "media_id",
      data: z.object({ media_id: objectId, user_id: userId, status: z.enum(["ready", "failed"]) }),
    },
  },
  consumes: { "post.created": "media", "post.updated": "media", "post.deleted": "media", "user.deleted": "media" },
});

export type Media = z.infer<typeof media>;
