/** What people do in a run, each with what is asked and what an answer of 2xx told. A toggle says which way by `on`. */
export interface Deeds {
  post: { args: { key: string; media_id: string }; result: { post_id: string } };
  deletePost: { args: { post_id: string }; result: null };
  archive: { args: { post_id: string; on: boolean }; result: null };
  like: { args: { post_id: string; on: boolean }; result: { has_liked: boolean } };
  comment: { args: { post_id: string; key: string }; result: { comment_id: string } };
  deleteComment: { args: { post_id: string; comment_id: string }; result: null };
  follow: { args: { user_id: number; on: boolean }; result: { status: EdgeStatus } };
  accept: { args: { user_id: number }; result: null };
  block: { args: { user_id: number; on: boolean }; result: null };
  mute: { args: { user_id: number; on: boolean }; result: null };
  hide: { args: { post_id: string; on: boolean }; result: null };
  setPrivate: { args: { on: boolean }; result: null };
  /** One page of a walk through the viewer's feed. */
  feed: { args: { walk: number; page: number; cursor?: string }; result: { posts: SeenPost[]; cursor: string | null } };
  readPost: { args: { post_id: string }; result: { user_id: number; has_liked: boolean } };
  readPosts: { args: { post_ids: string[] }; result: { posts: SeenPost[] } };
  profile: { args: { user_id: number }; result: { posts: SeenPost[]; cursor: string | null } };
  comments: { args: { post_id: string }; result: { comments: SeenComment[]; cursor: string | null } };
  relationship: { args: { user_id: number }; result: SeenRelation };
}

export type EdgeStatus = "none" | "pending" | "accepted";

export interface SeenPost {
  post_id: string;
  user_id: number;
  created_at_ms: number;
}

export interface SeenComment {
  comment_id: string;
  user_id: number;
}

export interface SeenRelation {
  is_following: boolean;
  is_requested: boolean;
  is_blocking: boolean;
  is_muting: boolean;
}

export type Deed = keyof Deeds;
export type Args<D extends Deed> = Deeds[D]["args"];
export type Result<D extends Deed> = Deeds[D]["result"];
