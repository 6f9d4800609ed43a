import type { Stores } from "./state";

/**
 * What a feed is, by brute force from the stores: the newest posts of the accounts that the viewer now follows, less what is
 * muted, blocked, hidden and archived. Nobody is suspended in a run.
 */
export function feedOf(stores: Stores, viewer: number, maxItems: number): string[] {
  const followed = new Set(
    stores.follows
      .filter(({ follower_id, status }) => follower_id === viewer && status === "accepted")
      .map(({ following_id }) => following_id),
  );
  for (const { user_id, muted_id } of stores.mutes) if (user_id === viewer) followed.delete(muted_id);
  for (const { owner_id, other_id } of stores.blocks) if (owner_id === viewer) followed.delete(other_id);
  const hidden = new Set(stores.hides.filter(({ user_id }) => user_id === viewer).map(({ post_id }) => post_id));
  return stores.posts
    .filter(({ post_id, user_id, is_archived }) => followed.has(user_id) && !hidden.has(post_id) && !is_archived)
    .sort((a, b) => b.created_at_ms - a.created_at_ms || (a.post_id < b.post_id ? 1 : -1))
    .slice(0, maxItems)
    .map(({ post_id }) => post_id);
}
