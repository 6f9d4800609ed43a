import { stampOf, touch } from "../../mixins/redis";
import * as metadata from "./feed-metadata.repository";
import * as hides from "./hides.repository";
import type { Asking, Newsfeed } from "./newsfeed-store";
import { dropTimeline } from "./open-feed";

/** Takes a post out of the viewer's feed, or lets it back in. Filtered at once; the feed is marked in the same transaction. */
export async function setHidden(feeds: Newsfeed, asking: Asking, postId: string, isHidden: boolean): Promise<void> {
  const viewerId = asking.meta.viewer.id;
  // What the viewer may not know of is a missing post here too.
  if (isHidden) await asking.call("posts.get", { post_id: postId });
  const shard = feeds.sql.at(viewerId);
  await shard.transaction(async (tx) => {
    const isChanged = isHidden ? await hides.add(tx, viewerId, postId) : await hides.remove(tx, viewerId, postId);
    if (isChanged) await metadata.markStale(tx, [viewerId]);
  });
  await touch(feeds.stamps, [stampOf.viewer(viewerId)]);
  // Also for a repeat, whose first try may have come no further than the commit.
  await dropTimeline(feeds, viewerId);
}
