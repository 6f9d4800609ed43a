import { composeFeed } from "./compose-feed";
import * as feedItems from "./feed-items.repository";
import * as metadata from "./feed-metadata.repository";
import type { Asking, Newsfeed } from "./newsfeed-store";
import { followedPulled } from "./pulled-cache";
import * as pulledPosts from "./pulled-posts.repository";
import * as tombstones from "./tombstones.repository";

/**
 * Computes the viewer's feed anew from graph and posts, and trims it. Rows are only added, but for those of accounts no longer
 * followed and those below the oldest that the feed shows, so that a fan-out that runs beside it loses nothing.
 */
export async function rebuildFeed(feeds: Newsfeed, asking: Asking): Promise<void> {
  const viewerId = asking.meta.viewer.id;
  const shard = feeds.sql.at(viewerId);
  if (await tombstones.isUserGone(shard, viewerId)) return;
  const stale_version = await metadata.begin(shard, viewerId);

  const sources = await feeds.sources.read(asking.call, viewerId);
  const { entries, is_all } = await composeFeed(feeds, asking, sources);
  const followed = new Set(await followedPulled(feeds, sources));
  const pulled = await pulledPosts.toldAmong(
    feeds.sql,
    entries.filter(({ user_id }) => followed.has(user_id)),
  );
  // Pulled posts are merged when read: as rows here they would have to be deleted follower by follower. One that its readers were not
  // told of yet is a row too, for they may hold an older list of its author's.
  const pushed = entries.filter(({ post_id }) => !pulled.has(post_id));
  const floor = is_all ? undefined : entries.at(-1);

  const { following_version } = sources;
  const isBuilt = await shard.transaction(async (tx) => {
    const stored = await metadata.lock(tx, viewerId);
    // Another rebuild saw newer follows: these rows would undo its work.
    if (stored === undefined || stored.following_version > following_version) return false;
    await feedItems.addComputed(tx, viewerId, pushed);
    await feedItems.removeStrays(tx, viewerId, sources.user_ids, floor);
    await metadata.finish(tx, viewerId, { following_version, total_items: entries.length, floor, stale_version });
    return true;
  });
  if (!isBuilt) return;
  feeds.figures.countRebuild();
  feeds.hint("feed.updated", viewerId, { user_ids: [viewerId] });
}
