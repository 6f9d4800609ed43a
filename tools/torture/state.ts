import type { EdgeStatus } from "./deeds";

/** What the stores hold and the API answers once nothing is under way. Plain data: the checker needs nothing else. */
export interface State {
  stores: Stores;
  api: ApiState;
  topics: TopicEvent[];
  /** Messages that some group gave up. */
  dead_letters: number;
  feed_max_items: number;
}

export interface StoredPost {
  post_id: string;
  user_id: number;
  /** The caption, which is the idempotency key. */
  key: string;
  created_at_ms: number;
  is_archived: boolean;
  like_count: number;
  comment_count: number;
}

export interface Stores {
  posts: StoredPost[];
  comments: { comment_id: string; post_id: string; user_id: number; key: string }[];
  likes: { post_id: string; user_id: number }[];
  people: { user_id: number; is_private: boolean }[];
  follows: { follower_id: number; following_id: number; status: EdgeStatus }[];
  /** Beneath the owner's key: "blocking" the other, or "blocked_by" them. */
  blocks: { owner_id: number; other_id: number; kind: string }[];
  mutes: { user_id: number; muted_id: number }[];
  hides: { user_id: number; post_id: string }[];
  counts: { user_id: number; follower_count: number; following_count: number; post_count: number }[];
  feed_items: { user_id: number; post_id: string; author_id: number }[];
  /** How each post was brought to its readers. */
  deliveries: { post_id: string; is_pulled: boolean | null }[];
  pulled_posts: { post_id: string }[];
}

/** What everybody is answered: about themselves, for that is what nothing is kept from. */
export interface ApiState {
  feeds: Record<string, string[]>;
  /** Their own posts with what is counted of each. */
  profiles: Record<string, { post_id: string; like_count: number; comment_count: number }[]>;
}

/** A message of a topic, in the order in which it lies there. */
export interface TopicEvent {
  topic: string;
  partition: number;
  aggregate_id: string;
  event_id: string;
  occurred_at: string;
}
