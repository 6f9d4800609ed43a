import { newUserId } from "../../lib/ids";
import type { Database } from "../../mixins/postgres";
import * as feedItems from "../../services/newsfeed/feed-items.repository";
import type { Post } from "../../services/posts/posts.contract";
import { PAGE, slicesFor } from "../../services/newsfeed/slice-followers";
import type { Person } from "../setup/use-app";
import { useFeeds } from "./use-feeds";

describe("slices of followers", () => {
  it("hold every id once, whatever their number", () => {
    for (const followers of [0, 1, PAGE, PAGE + 1, 99_999, 10_000_000]) {
      const slices = slicesFor(followers);
      expect(slices).toHaveLength(Math.max(1, Math.ceil(followers / PAGE)));
      expect([slices[0]!.after, slices.at(-1)!.upto]).toEqual([0, Number.MAX_SAFE_INTEGER]);
      expect(slices.slice(1).map(({ after }) => after)).toEqual(slices.slice(0, -1).map(({ upto }) => upto));
    }
  });
});

describe("a post of somebody with pages of followers", () => {
  const app = useFeeds();

  /** As if they had followed one by one long ago. */
  const addFollowers = async (author: Person, followerIds: number[]) => {
    const { sql } = app.service<{ sql: Database }>("graph");
    for (const { shard, keys } of sql.group(followerIds))
      await shard.query(
        `insert into follows (follower_id, following_id, status)
         select follower_id, $2, 'accepted' from unnest($1::bigint[]) as follower_id`,
        [keys, author.id],
      );
    await sql.at(author.id).query(
      `insert into graph_counts (user_id, follower_count) values ($1, $2)
       on conflict (user_id) do update set follower_count = excluded.follower_count`,
      [author.id, followerIds.length],
    );
  };
  const readersOf = async (post: Post) => {
    const text = "select user_id from feed_items where post_id = $1";
    const found = await Promise.all(
      app.feeds().sql.shards.map((shard) => shard.query<{ user_id: number }>(text, [post.id])),
    );
    return found.flatMap(({ rows }) => rows.map(({ user_id }) => user_id)).sort((a, b) => a - b);
  };
  const dataOf = ({ id, user_id, created_at }: Post) => ({ post_id: id, user_id, created_at });

  it("reaches each of them once, also where pages come twice, overlap, or are larger than their share", async () => {
    const [alice] = await app.users("alice");
    // Half of them in a hundredth of all ids, for nobody promises how ids lie.
    const crowd = Array.from({ length: 2 * PAGE + 1_500 }, () => Math.floor(newUserId() / 100) + 1);
    const spread = Array.from({ length: PAGE }, newUserId);
    const followers = [...new Set([...crowd, ...spread])].sort((a, b) => a - b);
    await addFollowers(alice, followers);
    const post = await app.post(alice);
    await app.settled();

    const pages = await app.published("feed.fanout");
    expect(pages).toHaveLength(Math.ceil(followers.length / PAGE));
    expect(await readersOf(post)).toEqual(followers);

    const restored = { ...dataOf(post), page_id: `${post.id}:all` };
    for (const data of [...pages, restored])
      await app.broker.call("newsfeed.receive", {
        topic: "feed.fanout",
        group: "newsfeed-fanout",
        event: { event_id: "a", type: "feed.fanout", version: 1, occurred_at: "", aggregate_id: "", data },
      });
    expect(await readersOf(post)).toEqual(followers);
  });

  it("is published in pages once, however often its event comes, and reaches those who already have it", async () => {
    const [alice] = await app.users("alice");
    const followers = Array.from({ length: PAGE + 1 }, newUserId).sort((a, b) => a - b);
    await addFollowers(alice, followers);
    const post = await app.post(alice);
    const entry = { post_id: post.id, user_id: alice.id, created_at_ms: Date.parse(post.created_at) };
    for (const { shard, keys } of app.feeds().sql.group(followers.slice(7, 9)))
      await shard.transaction((tx) => feedItems.push(tx, keys, entry));
    const event = { event_id: "b", type: "post.created", version: 1, occurred_at: "", aggregate_id: "" };
    const data = { ...dataOf(post), media_ids: [] };
    const again = { topic: "post.created", group: "newsfeed", event: { ...event, data } };
    await Promise.all([1, 2, 3].map(() => app.broker.call("newsfeed.receive", again)));
    await app.settled();

    expect((await app.published("feed.fanout")).filter((page) => page["post_id"] === post.id)).toHaveLength(2);
    expect(await readersOf(post)).toEqual(followers);
  });
});
