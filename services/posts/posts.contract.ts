import { z } from "zod";
import { defineContract } from "../../lib/contract";
import { count, done, objectId, page, paging, timestamp, userId } from "../../lib/fields";
import { face } from "../auth/auth.contract";
import { media } from "../media/media.contract";

const marks = z.object({ has_liked: z.boolean(), has_saved: z.boolean() });

export const post = z
  .object({
    id: objectId,
    user_id: userId,
    caption: z.string(),
    media_ids: z.array(objectId),
    location: z.string(),
    hashtags: z.array(z.string()),
    mentions: z.array(z.string()),
    like_count: count,
    comment_count: count,
    view_count: count,
    is_comments_disabled: z.boolean(),
    is_hidden: z.boolean(),
    created_at: timestamp,
    updated_at: timestamp,
    media: z.array(media),
    author: face,
    viewer: marks,
  })
  .meta({ id: "Post" });

export const comment = z
  .object({
    id: objectId,
    post_id: objectId,
    parent_id: objectId.nullable(),
    text: z.string(),
    mentions: z.array(z.string()),
    like_count: count,
    reply_count: count,
    created_at: timestamp,
    author: face,
    viewer: z.object({ has_liked: z.boolean() }),
  })
  .meta({ id: "Comment" });

/** Where a post stands in time: all that a timeline needs to know of it. */
export const skeleton = z.object({ post_id: objectId, user_id: userId, created_at: timestamp });

const one = z.object({ post_id: objectId });
const oneComment = z.object({ comment_id: objectId });
const caption = z.string().max(2200);
const location = z.string().max(200);
const liked = z.object({ has_liked: z.boolean(), like_count: count });
const eventData = { post_id: objectId, user_id: userId, created_at: timestamp };

export const postsContract = defineContract({
  name: "posts",
  actions: {
    create: {
      summary: "Publishes a post of 1 to 10 uploads. The same key gives the same post for 24 hours.",
      access: "viewer",
      params: z.object({
        caption: caption.default(""),
        media_ids: z.array(objectId).min(1).max(10),
        location: location.default(""),
        is_comments_disabled: z.boolean().default(false),
        idempotency_key: z.string().min(1).max(255).optional(),
      }),
      result: post,
    },
    get: { summary: "One post.", access: "viewer", params: one, result: post, idempotent: true },
    getMany: {
      summary: "Posts by id, in the order asked, less those that the viewer may not see.",
      access: "viewer",
      params: z.object({ post_ids: z.array(objectId).max(200) }),
      result: z.object({ posts: z.array(post) }),
      idempotent: true,
    },
    mark: {
      summary: "What is the viewer's own of posts whose content is known: less those that they may not see.",
      access: "viewer",
      params: z.object({ post_ids: z.array(objectId).max(200) }),
      result: z.object({ posts: z.array(z.object({ post_id: objectId, viewer: marks })) }),
      idempotent: true,
    },
    update: {
      summary: "Changes the viewer's post. Hashtags and mentions follow the caption.",
      access: "viewer",
      params: one.extend({
        caption: caption.optional(),
        location: location.optional(),
        is_comments_disabled: z.boolean().optional(),
      }),
      result: post,
      idempotent: true,
    },
    delete: { summary: "Deletes the viewer's post.", access: "viewer", params: one, result: done, idempotent: true },
    listByUser: {
      summary: "An account's posts, newest first. The author sees archived ones too.",
      access: "viewer",
      params: z.object({ user_id: userId, ...paging }),
      result: page(post),
      idempotent: true,
    },
    listByHashtag: {
      summary: "Posts with a hashtag, newest first.",
      access: "viewer",
      params: z.object({ hashtag: z.string().min(1).max(200), ...paging }),
      result: page(post),
      idempotent: true,
    },
    stats: {
      summary: "A post's counters.",
      access: "viewer",
      params: one,
      result: z.object({ like_count: count, comment_count: count, view_count: count }),
      idempotent: true,
    },
    statsMany: {
      summary: "Counters of posts, less those that the viewer may not see.",
      access: "viewer",
      params: z.object({ post_ids: z.array(objectId).max(200) }),
      result: z.object({
        stats: z.array(z.object({ post_id: objectId, like_count: count, comment_count: count, view_count: count })),
      }),
      idempotent: true,
    },
    like: { summary: "Likes a post, once.", access: "viewer", params: one, result: liked, idempotent: true },
    unlike: { summary: "Takes a like back.", access: "viewer", params: one, result: liked, idempotent: true },
    listLikes: {
      summary: "Who likes a post, newest first.",
      access: "viewer",
      params: one.extend(paging),
      result: page(face),
      idempotent: true,
    },
    addComment: {
      summary: "Comments on a post, or answers a comment (one level).",
      access: "viewer",
      params: one.extend({
        text: z.string().trim().min(1).max(2200),
        parent_id: objectId.optional(),
        idempotency_key: z.string().min(1).max(255).optional(),
      }),
      result: comment,
    },
    listComments: {
      summary: "A post's comments, oldest first; with parent_id, the answers to one.",
      access: "viewer",
      params: one.extend({ parent_id: objectId.optional(), ...paging }),
      result: page(comment),
      idempotent: true,
    },
    deleteComment: {
      summary: "Deletes a comment and its answers: its writer may, the post's author, and a moderator.",
      access: "viewer",
      params: one.extend({ comment_id: objectId }),
      result: done,
      idempotent: true,
    },
    likeComment: {
      summary: "Likes a comment, once.",
      access: "viewer",
      params: oneComment,
      result: liked,
      idempotent: true,
    },
    unlikeComment: {
      summary: "Takes a comment's like back.",
      access: "viewer",
      params: oneComment,
      result: liked,
      idempotent: true,
    },
    view: {
      summary: "Counts a view, once a viewer and post.",
      access: "viewer",
      params: one,
      result: z.object({ view_count: count }),
      idempotent: true,
    },
    archive: {
      summary: "Hides the viewer's post from everyone else.",
      access: "viewer",
      params: one,
      result: post,
      idempotent: true,
    },
    unarchive: {
      summary: "Shows an archived post again.",
      access: "viewer",
      params: one,
      result: post,
      idempotent: true,
    },
    save: {
      summary: "Keeps a post in the viewer's saved list.",
      access: "viewer",
      params: one,
      result: done,
      idempotent: true,
    },
    unsave: {
      summary: "Takes a post out of the saved list.",
      access: "viewer",
      params: one,
      result: done,
      idempotent: true,
    },
    listSaved: {
      summary: "What the viewer saved, newest first.",
      access: "viewer",
      params: z.object(paging),
      result: page(post),
      idempotent: true,
    },
    newestByAuthors: {
      summary:
        "The newest posts of these authors together, archived ones left out: an exact merge, not the last few of each.",
      access: "internal",
      params: z.object({
        user_ids: z.array(userId).max(500),
        limit: z.number().int().min(1).max(1000),
        before: z.object({ created_at: timestamp, post_id: objectId }).optional(),
      }),
      result: z.object({ posts: z.array(skeleton) }),
      idempotent: true,
    },
  },
  events: {
    "post.created": {
      key: "user_id",
      aggregate: "post_id",
      data: z.object({ ...eventData, media_ids: z.array(objectId) }),
    },
    "post.updated": {
      key: "user_id",
      aggregate: "post_id",
      data: z.object({ ...eventData, media_ids: z.array(objectId), is_hidden: z.boolean() }),
    },
    "post.deleted": {
      key: "user_id",
      aggregate: "post_id",
      data: z.object({ ...eventData, media_ids: z.array(objectId) }),
    },
    "post.liked": {
      key: "user_id",
      aggregate: "post_id",
      data: z.object({ ...eventData, actor_id: userId, is_liked: z.boolean() }),
    },
    "post.commented": {
      key: "user_id",
      aggregate: "post_id",
      data: z.object({ ...eventData, actor_id: userId, comment_id: objectId }),
    },
  },
  consumes: { "user.deleted": "posts" },
});

export type Post = z.infer<typeof post>;
export type Comment = z.infer<typeof comment>;
export type Skeleton = z.infer<typeof skeleton>;
