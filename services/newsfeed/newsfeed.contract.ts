import { z } from "zod";
import { defineContract } from "../../lib/contract";
import { count, done, objectId, page, paging, timestamp, userId } from "../../lib/fields";
import { post } from "../posts/posts.contract";

const one = z.object({ post_id: objectId });

export const metadata = z
  .object({
    user_id: userId,
    total_items: count,
    last_updated: timestamp.nullable(),
    is_stale: z.boolean(),
  })
  .meta({ id: "FeedMetadata" });

export const newsfeedContract = defineContract({
  name: "newsfeed",
  actions: {
    read: {
      summary: "The newest posts of whom the viewer follows.",
      access: "viewer",
      params: z.object(paging),
      result: page(post),
      idempotent: true,
    },
    readNewest: {
      summary:
        "The first page of what `read` answers, as bytes of JSON: for the gateway, which passes them on. None where they are those whose digest the caller knows.",
      access: "viewer",
      params: z.object({ limit: paging.limit, known: z.string().max(64).optional() }),
      result: z.instanceof(Buffer),
      idempotent: true,
    },
    readNewer: {
      summary: "What came into the viewer's feed since a position; without one, where the feed stands now.",
      access: "viewer",
      params: z.object({
        position: z.string().max(8192).optional(),
        limit: z.number().int().min(1).max(100).default(20),
      }),
      result: z.object({
        entries: z.array(z.object({ position: z.string(), post })),
        position: z.string(),
        has_more: z.boolean(),
      }),
      idempotent: true,
    },
    newestIds: {
      summary: "Ids of the newest posts of the viewer's feed.",
      access: "viewer",
      params: z.object({ limit: z.number().int().min(1).max(100) }),
      result: z.object({ post_ids: z.array(objectId) }),
      idempotent: true,
    },
    metadata: {
      summary: "How the viewer's feed stands.",
      access: "viewer",
      params: z.object({}),
      result: metadata,
      idempotent: true,
    },
    rebuild: {
      summary: "Computes the viewer's feed anew from graph and posts.",
      access: "viewer",
      params: z.object({}),
      result: metadata,
      idempotent: true,
      atOnce: 16,
    },
    hide: {
      summary: "Takes a post out of the viewer's feed.",
      access: "viewer",
      params: one,
      result: done,
      idempotent: true,
    },
    unhide: {
      summary: "Lets a hidden post back into the viewer's feed.",
      access: "viewer",
      params: one,
      result: done,
      idempotent: true,
    },
  },
  events: {
    /** Internal: a slice of all ids, to whose followers a post is written, so that the slices of one post spread over the nodes. */
    "feed.fanout": {
      key: "page_id",
      data: z.object({
        page_id: z.string(),
        post_id: objectId,
        user_id: userId,
        created_at: timestamp,
        /** Those above this id */
        after_id: count.default(0),
        /** and up to this. */
        upto_id: count.default(Number.MAX_SAFE_INTEGER),
      }),
    },
    /** Internal: a viewer's timeline that could not be dropped when it had to be. */
    "feed.invalidated": { key: "user_id", data: z.object({ user_id: userId }) },
    /**
     * A hint, sent straight: it may be lost. Once for each page of a fan-out with whom it reached, once for a pulled post with
     * nobody; of a rebuild it names just the viewer, in `user_ids`, who is then its key.
     */
    "feed.updated": {
      key: "author_id",
      data: z.object({
        author_id: userId.optional(),
        post_id: objectId.optional(),
        created_at: timestamp.optional(),
        user_ids: z.array(userId).optional(),
      }),
    },
  },
  consumes: {
    "post.created": "newsfeed",
    "post.updated": "newsfeed",
    "post.deleted": "newsfeed",
    "follow.accepted": "newsfeed",
    "follow.removed": "newsfeed",
    "user.updated": "newsfeed",
    "user.deleted": "newsfeed",
    "feed.fanout": "newsfeed-fanout",
    "feed.invalidated": "newsfeed",
  },
});

export type FeedMetadata = z.infer<typeof metadata>;
