import type { EventData } from "../contracts";
import type { Call } from "../define-service";
import type { TimelineEntry } from "../../mixins/redis";
import * as deliveries from "./deliveries.repository";
import { fanOut } from "./fan-out";
import type { Newsfeed } from "./newsfeed-store";
import { announcePulled } from "./pulled-cache";
import * as pulledPosts from "./pulled-posts.repository";
import { slicesFor } from "./slice-followers";
import * as tombstones from "./tombstones.repository";

/**
 * Brings a new post to its readers. Push or pull is decided by the first try, in one transaction with what follows from it: the
 * pulled post, or the pages of a push. Followers who fill one page only are reached here and now.
 */
export async function deliverPost(feeds: Newsfeed, call: Call, post: TimelineEntry): Promise<void> {
  const shard = feeds.sql.at(post.user_id);
  const { follower_count } = await call("graph.followerCount", { user_id: post.user_id });
  const pages = pagesOf(feeds, post, follower_count);
  const [only] = pages.length === 1 ? pages : [];
  const delivery = await shard.transaction(async (tx) => {
    if (await tombstones.isGone(tx, post.post_id)) return undefined;
    const decided = await deliveries.decide(tx, post, follower_count >= feeds.influencerFollowers);
    if (decided.is_done) return decided;
    if (decided.is_pulled) {
      await pulledPosts.add(tx, post);
      await pulledPosts.raiseVersion(tx, post.user_id);
    } else if (only) return decided;
    else await feeds.publishMany(tx, "feed.fanout", pages);
    await deliveries.finish(tx, post);
    return decided;
  });
  if (delivery?.is_pulled) {
    await announcePulled(feeds, post);
    await deliveries.noteTold(shard, post);
  } else if (delivery && !delivery.is_done && only) await fanOut(feeds, call, only);
}

/** All followers, in slices of about a page. */
export function pagesOf({ fanOutPage }: Newsfeed, post: TimelineEntry, followers: number): EventData<"feed.fanout">[] {
  const { post_id, user_id } = post;
  const created_at = new Date(post.created_at_ms).toISOString();
  return slicesFor(followers, fanOutPage).map(({ after, upto }, i) => ({
    page_id: `${post_id}:${i}`,
    ...{ post_id, user_id, created_at },
    ...{ after_id: after, upto_id: upto },
  }));
}
