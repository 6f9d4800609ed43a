import { z } from "zod";
import { defineContract } from "../../lib/contract";
import { count, done, page, paging, timestamp, userId } from "../../lib/fields";
import { account, face, profile } from "../auth/auth.contract";

const someone = z.object({ user_id: userId });

export const followStatus = z.enum(["accepted", "pending", "none"]);

/** "full": all of it. "private": name, avatar and counts only. "none": for this viewer there is no such account. */
export const visibility = z.enum(["full", "private", "none"]);

const counts = { follower_count: count, following_count: count, post_count: count };
export const publicProfile = profile.omit({ is_suspended: true, role: true, version: true }).extend(counts);
export const me = account.omit({ version: true }).extend(counts);

export const graphContract = defineContract({
  name: "graph",
  actions: {
    visible: {
      summary: "The one rule for who may see whom: block, suspension, deletion, privacy. Without a viewer: the public.",
      access: "internal",
      params: z.object({ user_ids: z.array(userId).max(1000) }),
      result: z.object({
        users: z.array(
          z.object({
            user_id: userId,
            visibility,
            is_following: z.boolean(),
            is_muted: z.boolean(),
            is_private: z.boolean(),
          }),
        ),
      }),
      idempotent: true,
    },
    me: {
      summary: "The viewer's own account, with counts.",
      access: "viewer",
      params: z.object({}),
      result: me,
      idempotent: true,
    },
    profile: {
      summary: "A profile by username, with counts. Of a private account: name, avatar and counts.",
      access: "viewer",
      params: z.object({ username: z.string().max(200) }),
      result: publicProfile,
      idempotent: true,
    },
    search: {
      summary: "Accounts whose username begins so, less who blocks or is blocked.",
      access: "viewer",
      params: z.object({ q: z.string().min(1).max(50), ...paging }),
      result: page(face),
      idempotent: true,
    },
    follow: {
      summary: "Follows at once, or asks first when the account is private. Repeats answer with the first result.",
      access: "viewer",
      params: someone,
      result: z.object({ status: followStatus }),
      idempotent: true,
    },
    unfollow: {
      summary: "Ends a follow, or takes back a request.",
      access: "viewer",
      params: someone,
      result: z.object({ status: followStatus }),
      idempotent: true,
    },
    followMany: {
      summary: "Stores many accepted follows in one transaction a shard, with the same events as follow. For seeding.",
      access: "internal",
      params: z.object({ edges: z.array(z.object({ follower_id: userId, following_id: userId })).max(500) }),
      result: z.object({ new_count: count }),
      idempotent: true,
    },
    listFollowers: {
      summary: "Who follows an account, newest first.",
      access: "viewer",
      params: someone.extend(paging),
      result: page(face),
      idempotent: true,
    },
    listFollowing: {
      summary: "Whom an account follows, newest first.",
      access: "viewer",
      params: someone.extend(paging),
      result: page(face),
      idempotent: true,
    },
    stats: {
      summary: "How many follow an account, and how many it follows.",
      access: "viewer",
      params: someone,
      result: z.object({ follower_count: count, following_count: count }),
      idempotent: true,
    },
    relationship: {
      summary: "All that stands between the viewer and an account.",
      access: "viewer",
      params: someone,
      result: z.object({
        user_id: userId,
        is_following: z.boolean(),
        is_followed_by: z.boolean(),
        is_mutual: z.boolean(),
        is_requested: z.boolean(),
        is_blocking: z.boolean(),
        is_muting: z.boolean(),
      }),
      idempotent: true,
    },
    listMutual: {
      summary: "Whether the two follow each other, and which of those whom the viewer follows follow the account too.",
      access: "viewer",
      params: someone.extend(paging),
      result: page(face).extend({ is_mutual: z.boolean() }),
      idempotent: true,
    },
    listRequests: {
      summary: "Who asks to follow the viewer, newest first.",
      access: "viewer",
      params: z.object(paging),
      result: page(z.object({ user: face, created_at: timestamp })),
      idempotent: true,
    },
    acceptRequest: {
      summary: "Lets somebody follow who asked.",
      access: "viewer",
      params: someone,
      result: done,
      idempotent: true,
    },
    rejectRequest: {
      summary: "Turns a request down.",
      access: "viewer",
      params: someone,
      result: done,
      idempotent: true,
    },
    removeFollower: {
      summary: "Ends somebody's follow of the viewer.",
      access: "viewer",
      params: someone,
      result: done,
      idempotent: true,
    },
    suggestions: {
      summary:
        "Friends of friends by mutual count, of the newest 200 followed and the newest 100 of each; popular accounts for who follows nobody.",
      access: "viewer",
      params: z.object(paging),
      result: page(z.object({ user: face, mutual_count: count })),
      idempotent: true,
    },
    block: {
      summary: "Blocks: each is gone for the other, and follows end.",
      access: "viewer",
      params: someone,
      result: done,
      idempotent: true,
    },
    unblock: {
      summary: "Ends a block. Follows do not come back.",
      access: "viewer",
      params: someone,
      result: done,
      idempotent: true,
    },
    mute: {
      summary: "Keeps an account's posts out of the viewer's feed.",
      access: "viewer",
      params: someone,
      result: done,
      idempotent: true,
    },
    unmute: { summary: "Ends a mute.", access: "viewer", params: someone, result: done, idempotent: true },
    listBlocks: {
      summary: "Whom the viewer blocks.",
      access: "viewer",
      params: z.object(paging),
      result: page(face),
      idempotent: true,
    },
    listMutes: {
      summary: "Whom the viewer mutes.",
      access: "viewer",
      params: z.object(paging),
      result: page(face),
      idempotent: true,
    },
    followerIds: {
      summary: "Accepted followers of an account by key, a page at a time: whom a fan-out writes to.",
      access: "internal",
      params: z.object({
        user_id: userId,
        after: count.default(0),
        /** The last id that is asked for. */
        upto: count.default(Number.MAX_SAFE_INTEGER),
        limit: z.number().int().min(1).max(10_000),
      }),
      result: z.object({ user_ids: z.array(userId), has_more: z.boolean() }),
      idempotent: true,
    },
    followersAmong: {
      summary: "Who of these people follows an account.",
      access: "internal",
      params: z.object({ user_id: userId, among: z.array(userId).max(1000) }),
      result: z.object({ user_ids: z.array(userId) }),
      idempotent: true,
    },
    followerCount: {
      summary: "How many follow an account: decides between push and pull.",
      access: "internal",
      params: someone,
      result: z.object({ follower_count: count }),
      idempotent: true,
    },
    feedSources: {
      summary:
        "Whose posts belong in a feed (followed, not muted, not blocked), read together with the version of that set.",
      access: "internal",
      params: someone,
      result: z.object({ following_version: count, user_ids: z.array(userId) }),
      idempotent: true,
    },
    followingVersion: {
      summary: "The version of whom somebody follows, mutes and blocks: raised with every change of these.",
      access: "internal",
      params: someone,
      result: z.object({ following_version: count }),
      idempotent: true,
    },
  },
  events: {
    "follow.requested": { key: "follower_id", data: z.object({ follower_id: userId, following_id: userId }) },
    "follow.accepted": { key: "follower_id", data: z.object({ follower_id: userId, following_id: userId }) },
    "follow.removed": { key: "follower_id", data: z.object({ follower_id: userId, following_id: userId }) },
    "block.created": { key: "user_id", data: z.object({ user_id: userId, blocked_id: userId }) },
    "block.removed": { key: "user_id", data: z.object({ user_id: userId, blocked_id: userId }) },
  },
  consumes: {
    "user.updated": "graph",
    "user.deleted": "graph",
    "follow.accepted": "graph",
    "follow.removed": "graph",
    "block.created": "graph",
    "block.removed": "graph",
    "post.created": "graph",
    "post.deleted": "graph",
  },
});

export type PublicProfile = z.infer<typeof publicProfile>;
export type Me = z.infer<typeof me>;
export type Visibility = z.infer<typeof visibility>;
export type FollowStatus = z.infer<typeof followStatus>;
