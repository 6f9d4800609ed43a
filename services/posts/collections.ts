import type { CollectionSpec, Document } from "../../mixins/documents";

/** The spec's document, with `_id` for `id`; what else it holds says why. */
export interface PostDocument extends Document {
  user_id: number;
  caption: string;
  media_ids: string[];
  location: string;
  hashtags: string[];
  mentions: string[];
  like_count: number;
  comment_count: number;
  view_count: number;
  is_comments_disabled: boolean;
  is_hidden: boolean;
  created_at: Date;
  updated_at: Date;
  /** Raised by every update that publishes: the order of this post's events. */
  seq: number;
}

export interface CommentDocument extends Document {
  post_id: string;
  user_id: number;
  parent_id: string | null;
  /** The list that it stands in: its parent's id, or its post's. So one index serves both lists. */
  thread_id: string;
  text: string;
  mentions: string[];
  like_count: number;
  reply_count: number;
  created_at: Date;
}

/** Somebody's like, save or view of a post. */
export interface EdgeDocument extends Document {
  post_id: string;
  user_id: number;
  created_at: Date;
}

export interface CommentLikeDocument extends EdgeDocument {
  comment_id: string;
  /** The comment that goes with it when it goes: its parent, or itself. */
  root_id: string;
}

export interface IdempotencyDocument extends Document {
  user_id: number;
  body_hash: string;
  result_id: string;
  /** True from the transaction on that stored the result. */
  is_done: boolean;
  created_at: Date;
}

/** What was deleted: work to be finished, and a tombstone for what comes late or twice. */
export interface DeletionDocument extends Document {
  kind: "post" | "comment" | "user";
  /** The post's, comment's or user's. */
  subject_id: string;
  post_id: string | null;
  deleted_by: number;
  is_done: boolean;
  /** When the sweeper looks at it next. */
  due_at: Date;
}

/** Every list below is answered by one of these. */
export const collections = {
  posts: {
    indexes: [
      ["user_id", "-created_at", "-_id"],
      ["user_id", "is_hidden", "-created_at", "-_id"],
      ["hashtags", "-created_at", "-_id"],
    ],
  },
  comments: { indexes: [["thread_id", "created_at", "_id"], ["post_id"], ["user_id"]] },
  likes: { indexes: [["post_id", "-created_at", "-_id"], ["user_id"]] },
  comment_likes: { indexes: [["comment_id"], ["root_id"], ["post_id"], ["user_id"]] },
  saves: { indexes: [["user_id", "-created_at", "-_id"], ["post_id"]] },
  views: { indexes: [["post_id"], ["user_id"]] },
  idempotency: { indexes: [["created_at"], ["user_id"]] },
  deletions: { indexes: [["due_at"]] },
} as const satisfies Record<string, CollectionSpec>;
