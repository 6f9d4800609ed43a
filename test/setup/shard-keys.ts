/** By which column each sharded table is placed. */
export const shardKeys: Record<string, string> = {
  blocks: "owner_id",
  email_claims: "email",
  feed_authors: "user_id",
  feed_deliveries: "user_id",
  feed_hides: "user_id",
  feed_items: "user_id",
  feed_metadata: "user_id",
  follows: "follower_id",
  graph_counts: "user_id",
  graph_repairs: "user_id",
  media: "id",
  media_removals: "media_id",
  media_uploads: "media_id",
  mutes: "user_id",
  pulled_authors: "user_id",
  pulled_posts: "user_id",
  sessions: "user_id",
  username_claims: "username",
  users: "id",
};

/**
 * Tables that stand on every shard and are not placed by a key: an outbox, its dead letters and the marks of its consumers lie with
 * the facts of their shard; tombstones are written to all; the rest is about the shard itself.
 */
export const unsharded =
  /_(outbox|dead_letters|processed)$|^feed_deleted_(posts|users)$|^(migrations|placement|placement_text|shard_identity)$/;
