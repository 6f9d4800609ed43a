import { newId, newUserId } from "../../lib/ids";
import { migrate } from "../../mixins/postgres";
import { openDatabase, type OpenDatabase } from "../../mixins/postgres/database";
import type { TimelineEntry } from "../../mixins/redis";
import * as deliveries from "../../services/newsfeed/deliveries.repository";
import * as feedItems from "../../services/newsfeed/feed-items.repository";
import * as metadata from "../../services/newsfeed/feed-metadata.repository";
import * as pulledPosts from "../../services/newsfeed/pulled-posts.repository";
import * as tombstones from "../../services/newsfeed/tombstones.repository";
import { freshDatabase, type FreshDatabase } from "../setup/fresh-database";

const SHARDS = 2;

/** The statements of the feed tables on two shards, which each refuse a row that is not theirs. */
describe("the feed tables on two shards", () => {
  const databases: FreshDatabase[] = [];
  let sql: OpenDatabase;
  const entry = (user_id: number, created_at_ms = Date.now()): TimelineEntry => ({
    post_id: newId(),
    user_id,
    created_at_ms,
  });
  const people = (howMany: number) => Array.from({ length: howMany }, newUserId);

  beforeAll(async () => {
    for (let i = 0; i < SHARDS; i += 1) databases.push(await freshDatabase());
    const log = { info: () => undefined, warn: console.warn, error: console.error };
    sql = openDatabase({ shardUrls: databases.map(({ url }) => url), log });
    await migrate(sql, ["newsfeed"]);
  });

  afterAll(async () => {
    await sql?.close();
    for (const database of databases) await database.drop();
  });

  const push = (followers: number[], post: TimelineEntry) =>
    Promise.all(
      sql.group(followers).map(({ shard, keys }) =>
        shard.transaction(async (tx) => {
          if (!(await tombstones.isGone(tx, post.post_id))) await feedItems.push(tx, keys, post);
        }),
      ),
    );
  const shownTo = async (viewers: number[]) => {
    const windows = await Promise.all(viewers.map((id) => feedItems.window(sql.at(id), id, undefined, 10)));
    return windows.map(({ entries }) => entries.map(({ post_id }) => post_id));
  };

  it("take a fan-out to followers of both, once, and give it back by page", async () => {
    const followers = people(60);
    const post = entry(newUserId());
    for (const id of followers) await metadata.begin(sql.at(id), id);
    await push(followers, post);
    await push(followers, post);

    expect(sql.group(followers)).toHaveLength(SHARDS);
    expect(await shownTo(followers)).toEqual(followers.map(() => [post.post_id]));
    await Promise.all(sql.group(followers).map(({ shard, keys }) => feedItems.removePost(shard, keys, post)));
    expect(await shownTo(followers)).toEqual(followers.map(() => []));
  });

  it("refuse a row on a shard that is not its own", async () => {
    const followers = people(20);
    for (const { keys } of sql.group(followers)) {
      const wrong = sql.shards.find((shard) => shard.index !== sql.at(keys[0]!).index)!;
      const misplaced = wrong.transaction((tx) => feedItems.push(tx, keys, entry(1)));
      await expect(misplaced).rejects.toMatchObject({ code: "23514" });
    }
  });

  it("keep a late page out of both once the post is buried on both", async () => {
    const followers = people(20);
    const post = entry(newUserId());
    for (const id of followers) await metadata.begin(sql.at(id), id);
    for (const shard of sql.shards) await shard.transaction((tx) => tombstones.buryPost(tx, post.post_id));
    await push(followers, post);
    expect(await shownTo(followers)).toEqual(followers.map(() => []));
  });

  it("leave no row behind when a burial races with the fan-out", async () => {
    const followers = people(40);
    for (const id of followers) await metadata.begin(sql.at(id), id);
    for (let round = 0; round < 10; round += 1) {
      const post = entry(newUserId());
      const bury = async () => {
        for (const shard of sql.shards) await shard.transaction((tx) => tombstones.buryPost(tx, post.post_id));
        await Promise.all(sql.group(followers).map(({ shard, keys }) => feedItems.removePost(shard, keys, post)));
      };
      await Promise.all([push(followers, post), bury(), push(followers, post)]);
      expect(await shownTo(followers)).toEqual(followers.map(() => []));
    }
  });

  it("merge pulled posts of authors of both", async () => {
    const authors = people(12);
    const posts = authors.flatMap((author, i) => [entry(author, 1_000 + i), entry(author, 2_000 + i)]);
    for (const post of posts)
      await sql.at(post.user_id).transaction(async (tx) => {
        await pulledPosts.add(tx, post);
        await pulledPosts.raiseVersion(tx, post.user_id);
      });

    expect((await pulledPosts.authors(sql)).sort()).toEqual([...authors].sort());
    const pages = await pulledPosts.pages(sql, authors, undefined, 1);
    expect(pages.map(({ version }) => version)).toEqual(authors.map(() => 2));
    expect(pages.flatMap(({ entries }) => entries.map(({ created_at_ms }) => created_at_ms)).sort()).toEqual(
      authors.map((_, i) => 2_000 + i),
    );
    const [untold, ...told] = posts;
    for (const post of posts)
      await sql.at(post.user_id).transaction((tx) => deliveries.decide(tx, post, true).then(() => undefined));
    for (const post of told) await deliveries.noteTold(sql.at(post.user_id), post);
    const among = await pulledPosts.toldAmong(sql, [untold!, ...told, entry(authors[0]!)]);
    expect([...among].sort()).toEqual(told.map(({ post_id }) => post_id).sort());
  });

  it("mark feeds of both stale", async () => {
    const viewers = people(20);
    for (const id of viewers) {
      const stale_version = await metadata.begin(sql.at(id), id);
      const built = { following_version: 1, total_items: 0, floor: undefined, stale_version };
      await sql.at(id).transaction((tx) => metadata.finish(tx, id, built));
    }
    const fresh = async () =>
      Promise.all(viewers.map(async (id) => metadata.isFresh(await metadata.find(sql.at(id), id), 1)));
    expect(await fresh()).toEqual(viewers.map(() => true));
    await Promise.all(sql.group(viewers).map(({ shard, keys }) => metadata.markStale(shard, keys)));
    expect(await fresh()).toEqual(viewers.map(() => false));
  });
});
