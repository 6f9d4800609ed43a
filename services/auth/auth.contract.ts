import { z } from "zod";
import { defineContract } from "../../lib/contract";
import { count, done, objectId, page, paging, timestamp, userId } from "../../lib/fields";
import { usernameFault } from "./username-rules";

export const roles = ["user", "moderator", "admin"] as const;
export const role = z.enum(roles);

/** One size of a picture, ready to be shown. */
export const rendition = z
  .object({
    name: z.string(),
    url: z.string(),
    width: count,
    height: count,
    format: z.string(),
    bytes: count,
  })
  .meta({ id: "Rendition" });

/** What is shown of a person beside what they wrote. An avatar is public, so nobody has to be asked for it. */
export const face = z
  .object({
    id: userId,
    username: z.string(),
    display_name: z.string(),
    avatar: z.array(rendition).nullable(),
  })
  .meta({ id: "Face" });

/** What services know of an account. Holds no e-mail and no secret. */
export const profile = face.extend({
  bio: z.string(),
  website: z.string(),
  is_private: z.boolean(),
  is_suspended: z.boolean(),
  role,
  created_at: timestamp,
  /** Raised by every change of the row. */
  version: count,
});

export const account = profile.extend({ email: z.string() }).meta({ id: "Account" });

/** What avatar renditions are stored as: paths, for the base of a URL is configuration. */
export const avatarRendition = rendition.omit({ url: true }).extend({ path: z.string() });

/** Letters, digits, dots and underscores of one script; compared by NFKC and lower case. */
export const username = z
  .string()
  .min(1)
  .max(50)
  .regex(/^[\p{L}\p{M}\p{N}_.]+$/u, "may hold letters, digits, dots and underscores")
  .superRefine((value, ctx) => {
    const fault = usernameFault(value);
    if (fault !== undefined) ctx.addIssue({ code: "custom", message: fault });
  });
/** A name to be shown, on one line. */
const displayName = z
  .string()
  .max(100)
  .regex(/^\P{Cc}*$/u, "may not hold control characters");
const bio = z
  .string()
  .max(500)
  .regex(/^[\P{Cc}\n\r\t]*$/u, "may not hold control characters");
const website = z
  .url({ protocol: /^https?$/ })
  .max(255)
  .regex(/^[^\p{Cc}\s]*$/u, "may not hold spaces or control characters");
export const email = z.email().max(255);
/** bcrypt reads 72 bytes and stops at NUL, so no more is taken. */
export const password = z
  .string()
  .min(8)
  .refine((value) => Buffer.byteLength(value) <= 72, "must be at most 72 bytes")
  .refine((value) => !value.includes("\0"), "must not hold a NUL");

/** Where a session was opened: told by the gateway, shown in the list of sessions. */
const device = z.object({ user_agent: z.string().max(512), address: z.string().max(64) });

const signedIn = z.object({
  user: account,
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal("Bearer"),
  expires_in: count.describe("seconds"),
});

export const authContract = defineContract({
  name: "auth",
  actions: {
    register: {
      summary: "Opens an account and its first session.",
      access: "anyone",
      params: z.object({
        username,
        email,
        password,
        display_name: displayName.optional(),
        device: device.optional(),
      }),
      result: signedIn,
    },
    login: {
      summary: "Opens a session by username or e-mail and password.",
      access: "anyone",
      params: z.object({
        username: z.string().max(255).optional(),
        email: z.string().max(255).optional(),
        password: z.string().max(1024),
        device: device.optional(),
      }),
      result: signedIn,
    },
    refresh: {
      summary: "Changes a refresh token for new tokens. A token used twice revokes all that came from it.",
      access: "anyone",
      params: z.object({ refresh_token: z.string().max(512) }),
      result: signedIn,
    },
    logout: {
      summary: "Ends one session of the viewer.",
      access: "viewer",
      params: z.object({ session_id: objectId }),
      result: done,
      idempotent: true,
    },
    logoutAll: {
      summary: "Ends every session of the viewer.",
      access: "viewer",
      params: z.object({}),
      result: done,
      idempotent: true,
    },
    listSessions: {
      summary: "The viewer's open sessions, newest first.",
      access: "viewer",
      params: z.object({ ...paging, session_id: objectId.optional().describe("the session that asks") }),
      result: page(
        z.object({
          id: objectId,
          user_agent: z.string(),
          address: z.string(),
          created_at: timestamp,
          last_used_at: timestamp,
          is_current: z.boolean(),
        }),
      ),
      idempotent: true,
    },
    revokeSession: {
      summary: "Ends one session of the viewer by its id.",
      access: "viewer",
      params: z.object({ session_id: objectId }),
      result: done,
      idempotent: true,
    },
    changePassword: {
      summary: "Sets a new password and ends every other session.",
      access: "viewer",
      params: z.object({
        current_password: z.string().max(1024),
        new_password: password,
        session_id: objectId.optional(),
      }),
      result: done,
    },
    validate: {
      summary: "Tells other systems whether an access token is good.",
      access: "anyone",
      params: z.object({ token: z.string().max(4096) }),
      result: z.object({
        active: z.boolean(),
        user_id: userId.nullable(),
        role: role.nullable(),
        expires_at: timestamp.nullable(),
      }),
      idempotent: true,
    },
    authenticate: {
      summary: "Who stands behind an access token or a ticket: signature, session and account are checked.",
      access: "internal",
      params: z.object({ token: z.string().max(4096), use: z.enum(["access", "stream"]).default("access") }),
      result: z.object({ viewer: z.object({ id: userId, role }), session_id: objectId, expires_at: timestamp }),
      idempotent: true,
    },
    issueTicket: {
      summary:
        "A ticket for who cannot send a header: opens streams and sockets of the viewer's feed, and nothing else.",
      access: "viewer",
      params: z.object({ session_id: objectId }),
      result: z.object({ ticket: z.string(), expires_in: count.describe("seconds") }),
      idempotent: true,
    },
    get: {
      summary: "One account's profile.",
      access: "internal",
      params: z.object({ user_id: userId }),
      result: profile,
      idempotent: true,
    },
    getMany: {
      summary: "Profiles by id, in the order asked; deleted accounts are left out, suspended ones are not.",
      access: "internal",
      params: z.object({ user_ids: z.array(userId).max(1000) }),
      result: z.object({ users: z.array(profile) }),
      idempotent: true,
    },
    findByUsernames: {
      summary: "Profiles by username; names that nobody bears are left out.",
      access: "internal",
      params: z.object({ usernames: z.array(z.string().max(200)).max(200) }),
      result: z.object({ users: z.array(profile) }),
      idempotent: true,
    },
    search: {
      summary: "Accounts whose username begins so, in alphabetical order; suspended ones are left out.",
      access: "internal",
      params: z.object({ q: z.string().min(1).max(50), ...paging }),
      result: page(profile),
      idempotent: true,
    },
    getAccount: {
      summary: "The viewer's own account, with e-mail.",
      access: "viewer",
      params: z.object({}),
      result: account,
      idempotent: true,
    },
    updateProfile: {
      summary: "Changes the viewer's profile.",
      access: "viewer",
      params: z.object({
        display_name: displayName.optional(),
        bio: bio.optional(),
        website: z.union([z.literal(""), website]).optional(),
        is_private: z.boolean().optional(),
      }),
      result: account,
      idempotent: true,
    },
    setAvatar: {
      summary: "Stores the viewer's avatar, or takes it away; tells which upload it replaced.",
      access: "viewer",
      params: z.object({ media_id: objectId.nullable(), renditions: z.array(avatarRendition) }),
      result: z.object({ previous_media_id: objectId.nullable() }),
      idempotent: true,
    },
    deleteAccount: {
      summary: "Deletes the viewer's account. Every service obeys `user.deleted`.",
      access: "viewer",
      params: z.object({}),
      result: done,
      idempotent: true,
    },
    listAccounts: {
      summary: "All accounts, newest first, or those whose username begins so.",
      access: "moderator",
      params: z.object({ q: z.string().max(50).optional(), ...paging }),
      result: page(account),
      idempotent: true,
    },
    updateAccount: {
      summary: "Sets an account's role or suspends it.",
      access: "admin",
      params: z.object({ user_id: userId, role: role.optional(), is_suspended: z.boolean().optional() }),
      result: account,
      idempotent: true,
    },
    grantRole: {
      summary: "Sets a role by username: how the first admin is made.",
      access: "internal",
      params: z.object({ username: z.string(), role }),
      result: account,
      idempotent: true,
    },
    seed: {
      summary: "Opens many accounts that share one password hash, for demonstrations.",
      access: "internal",
      params: z.object({
        users: z.array(z.object({ username, email, display_name: displayName })).max(1000),
        password_hash: z.string().max(255),
      }),
      result: z.object({ user_ids: z.array(userId) }),
    },
  },
  events: {
    "user.created": { key: "user_id", data: z.object({ user_id: userId, created_at: timestamp }) },
    "user.updated": {
      key: "user_id",
      data: z.object({ user_id: userId, version: count, is_private: z.boolean(), is_suspended: z.boolean() }),
    },
    "user.deleted": { key: "user_id", data: z.object({ user_id: userId }) },
  },
  /** Its own: an account's e-mail address is free again, also when the node that deleted it died at once. */
  consumes: { "user.deleted": "auth" },
});

export type Profile = z.infer<typeof profile>;
export type Account = z.infer<typeof account>;
export type SignedIn = z.infer<typeof signedIn>;
export type Face = z.infer<typeof face>;
export type Rendition = z.infer<typeof rendition>;
export type AvatarRendition = z.infer<typeof avatarRendition>;

/** The part of a profile that is shown beside what somebody wrote. */
export function faceOf({ id, username, display_name, avatar }: Face): Face {
  return { id, username, display_name, avatar };
}
