import type { Args, Deed, EdgeStatus, Result, SeenComment, SeenPost, SeenRelation } from "./deeds";

export interface Request {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below /api/v1. */
  path: string;
  body?: object;
  idempotencyKey?: string;
}

type Answer = Record<string, unknown>;

/** How each deed is asked for over HTTP, and what of the answer is written down. */
interface Spoken<D extends Deed> {
  request: (args: Args<D>) => Request;
  read: (body: Answer) => Result<D>;
}

export const WALK_LIMIT = 10;
export const LIST_LIMIT = 50;

const nothing = (): null => null;
const toggled = (path: string, on: boolean): Request => ({ method: on ? "POST" : "DELETE", path });

export const spoken: { [D in Deed]: Spoken<D> } = {
  post: {
    request: ({ key, media_id }) => ({
      method: "POST",
      path: "posts",
      body: { caption: key, media_ids: [media_id] },
      idempotencyKey: key,
    }),
    read: ({ id }) => ({ post_id: id as string }),
  },
  deletePost: { request: ({ post_id }) => ({ method: "DELETE", path: `posts/${post_id}` }), read: nothing },
  archive: { request: ({ post_id, on }) => toggled(`posts/${post_id}/archive`, on), read: nothing },
  like: {
    request: ({ post_id, on }) => toggled(`posts/${post_id}/like`, on),
    read: ({ has_liked }) => ({ has_liked: has_liked as boolean }),
  },
  comment: {
    request: ({ post_id, key }) => ({
      method: "POST",
      path: `posts/${post_id}/comments`,
      body: { text: key },
      idempotencyKey: key,
    }),
    read: ({ id }) => ({ comment_id: id as string }),
  },
  deleteComment: {
    request: ({ post_id, comment_id }) => ({ method: "DELETE", path: `posts/${post_id}/comments/${comment_id}` }),
    read: nothing,
  },
  follow: {
    request: ({ user_id, on }) => toggled(`graph/follow/${user_id}`, on),
    read: ({ status }) => ({ status: status as EdgeStatus }),
  },
  accept: {
    request: ({ user_id }) => ({ method: "POST", path: `graph/requests/${user_id}/accept` }),
    read: nothing,
  },
  block: { request: ({ user_id, on }) => toggled(`graph/block/${user_id}`, on), read: nothing },
  mute: { request: ({ user_id, on }) => toggled(`graph/mute/${user_id}`, on), read: nothing },
  hide: { request: ({ post_id, on }) => toggled(`posts/${post_id}/hide`, on), read: nothing },
  setPrivate: {
    request: ({ on }) => ({ method: "PATCH", path: "users/me", body: { is_private: on } }),
    read: nothing,
  },
  feed: { request: ({ cursor }) => page("feed", WALK_LIMIT, cursor), read: pageOfPosts },
  readPost: {
    request: ({ post_id }) => ({ method: "GET", path: `posts/${post_id}` }),
    read: ({ user_id, viewer }) => ({
      user_id: user_id as number,
      has_liked: (viewer as { has_liked: boolean }).has_liked,
    }),
  },
  readPosts: {
    request: ({ post_ids }) => ({ method: "GET", path: `posts?ids=${post_ids.join(",")}` }),
    read: pageOfPosts,
  },
  profile: { request: ({ user_id }) => page(`posts?user_id=${user_id}`, LIST_LIMIT), read: pageOfPosts },
  comments: {
    request: ({ post_id }) => page(`posts/${post_id}/comments`, LIST_LIMIT),
    read: ({ items, next_cursor }) => ({
      comments: (items as { id: string; author: { id: number } }[]).map(({ id, author }): SeenComment => ({
        comment_id: id,
        user_id: author.id,
      })),
      cursor: next_cursor as string | null,
    }),
  },
  relationship: {
    request: ({ user_id }) => ({ method: "GET", path: `graph/relationship/${user_id}` }),
    read: (body) => {
      const { is_following, is_requested, is_blocking, is_muting } = body as unknown as SeenRelation;
      return { is_following, is_requested, is_blocking, is_muting };
    },
  },
};

function page(path: string, limit: number, cursor?: string): Request {
  const from = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  return { method: "GET", path: `${path}${path.includes("?") ? "&" : "?"}limit=${limit}${from}` };
}

function pageOfPosts({ items, next_cursor }: Answer): { posts: SeenPost[]; cursor: string | null } {
  const posts = (items as { id: string; user_id: number; created_at: string }[]).map(
    ({ id, user_id, created_at }): SeenPost => ({ post_id: id, user_id, created_at_ms: Date.parse(created_at) }),
  );
  return { posts, cursor: next_cursor as string | null };
}
