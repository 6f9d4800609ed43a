import { encodeCursor } from "../../lib/cursor";
import { newId } from "../../lib/ids";
import * as feedItems from "../../services/newsfeed/feed-items.repository";
import type { Post } from "../../services/posts/posts.contract";
import { useFeeds } from "./use-feeds";

const MOST = 10;
const timers = [
  "hrtime",
  "nextTick",
  "performance",
  "queueMicrotask",
  "setImmediate",
  "clearImmediate",
  "setInterval",
  "clearInterval",
  "setTimeout",
  "clearTimeout",
] as const;

describe("newsfeed.read", () => {
  const app = useFeeds({ env: { INFLUENCER_FOLLOWERS: "2", FEED_MAX_ITEMS: String(MOST) } });

  const idsOf = (posts: Post[]) => posts.map(({ id }) => id).reverse();

  /** Bob follows alice, whose posts are pushed, and star, whose posts are pulled; they post in turn. */
  const begin = async (howMany: number) => {
    const [alice, bob, star, fan] = await app.users("alice", "bob", "star", "fan");
    await app.follow(fan, star);
    await app.follow(bob, alice, star);
    await app.settled();
    const posts: Post[] = [];
    for (let i = 0; i < howMany; i += 1) posts.push(await app.post(i % 2 === 0 ? alice : star));
    await app.settled();
    return { alice, bob, star, posts };
  };

  it("answers whole posts, newest first, and ends with no cursor after the last that a feed holds", async () => {
    const { alice, bob, posts } = await begin(MOST + 3);
    const first = await app.page(bob, 7);
    expect(first.items).toHaveLength(7);
    expect(first.items[0]).toMatchObject({ user_id: alice.id, author: { username: alice.username } });
    const second = await app.page(bob, 7, first.next_cursor);
    expect(second.next_cursor).toBeNull();
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(idsOf(posts).slice(0, MOST));
    for (const limit of [1, 3, 100]) expect(await app.walk(bob, limit)).toEqual(await app.oracle(bob));
  });

  it("has no cursor when nothing is left, also where the page is just full", async () => {
    const { bob } = await begin(4);
    expect(await app.page(bob, 4)).toMatchObject({ next_cursor: null });
    expect((await app.page(bob, 3)).next_cursor).not.toBeNull();
  });

  it("gives a walk no repeat and no gap while posts arrive and go, also when the feed is full", async () => {
    const { alice, bob, star } = await begin(MOST + 2);
    const atBegin = await app.walk(bob);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: { items: Post[]; next_cursor: string | null } = await app.page(bob, 2, cursor);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next_cursor;
      await app.post(alice);
      await app.post(star);
      await app.settled();
      if (seen.length === 6) await app.as(bob).call("newsfeed.rebuild", {});
    } while (cursor !== null);
    expect(seen).toEqual(atBegin);
    await app.expectExact(bob);
  });

  it("orders posts of one millisecond by id, across pages and both ways of delivery", async () => {
    const { alice, bob, star } = await begin(0);
    // The clock stands, and nothing else of what timers are.
    jest.useFakeTimers({ now: Date.now(), doNotFake: [...timers] });
    const posts: Post[] = [];
    for (const author of [alice, star, alice, star, alice, star]) posts.push(await app.post(author));
    jest.useRealTimers();
    await app.settled();

    expect(new Set(posts.map(({ created_at }) => created_at)).size).toBe(1);
    const expected = posts
      .map(({ id }) => id)
      .sort()
      .reverse();
    for (const limit of [1, 2, 5]) expect(await app.walk(bob, limit)).toEqual(expected);
    await app.feeds().timelines.invalidate([bob.id]);
    expect(await app.walk(bob, 1)).toEqual(expected);
  });

  it("refuses a cursor that no page gave", async () => {
    const { bob, posts } = await begin(2);
    const ms = Date.parse(posts[0]!.created_at);
    const bad = [
      "x",
      encodeCursor([ms, posts[0]!.id]),
      encodeCursor([ms, "1 or 1=1", 1]),
      encodeCursor([1e300, posts[0]!.id, 1]),
      encodeCursor([ms, posts[0]!.id, -1]),
      encodeCursor([ms, posts[0]!.id, MOST]),
    ];
    for (const cursor of bad) await expect(app.page(bob, 5, cursor)).rejects.toMatchObject({ type: "BAD_CURSOR" });
  });

  it("answers the same when every timeline and cache is lost", async () => {
    const { bob, star } = await begin(6);
    const before = await app.walk(bob, 4);
    await app.feeds().timelines.invalidate([bob.id]);
    expect(await app.walk(bob, 4)).toEqual(before);
    const half = await app.page(bob, 2);
    await app.feeds().timelines.invalidate([bob.id]);
    await app.feeds().newestPulled.raise(star.id, 1_000_000);
    expect((await app.page(bob, 4, half.next_cursor)).items.map(({ id }) => id)).toEqual(before.slice(2));
  });

  it("answers the same after a restart", async () => {
    const { bob } = await begin(4);
    const before = await app.walk(bob);
    await app.restart();
    expect(await app.walk(bob)).toEqual(before);
    await app.expectExact(bob);
  });

  it("rebuilds a cold feed once, however many read it at once", async () => {
    const { bob, star, posts } = await begin(6);
    await app.as(bob).call("graph.mute", { user_id: star.id });
    await app.as(bob).call("graph.unmute", { user_id: star.id });
    const { metrics } = app.service("newsfeed").broker;
    const rebuilds = () => Number(metrics.getMetric("newsfeed.rebuilds")?.get()?.value ?? 0);
    const before = rebuilds();
    const pages = await Promise.all(Array.from({ length: 100 }, () => app.page(bob)));
    for (const { items } of pages) expect(items.map(({ id }) => id)).toEqual(idsOf(posts));
    expect(rebuilds() - before).toBe(1);
  });

  it("is measured: latency, hits and misses of the cache", async () => {
    const { bob } = await begin(1);
    const { metrics } = app.service("newsfeed").broker;
    const hits = () => Number(metrics.getMetric("newsfeed.cache.requests")?.get({ result: "hit" })?.value ?? 0);
    await app.page(bob);
    const before = hits();
    await app.page(bob);
    expect(hits() - before).toBe(1);
    expect(metrics.getMetric("newsfeed.read.ms")?.get()).toMatchObject({ count: expect.any(Number) as number });
  });

  describe("metadata", () => {
    it("tells how a feed stands: never built, built, marked stale by a follow, fresh again", async () => {
      const { alice, bob } = await begin(3);
      const metadata = () => app.as(bob).call("newsfeed.metadata", {});
      expect(await metadata()).toEqual({ user_id: bob.id, total_items: 3, last_updated: null, is_stale: true });
      await app.page(bob);
      const built = await metadata();
      expect(built).toMatchObject({ total_items: 3, is_stale: false });
      await app.post(alice);
      await app.settled();
      const pushed = await metadata();
      expect(pushed).toMatchObject({ total_items: 4, is_stale: false });
      expect(Date.parse(pushed.last_updated!)).toBeGreaterThanOrEqual(Date.parse(built.last_updated!));
      await app.as(bob).call("graph.unfollow", { user_id: alice.id });
      expect(await metadata()).toMatchObject({ total_items: 1, is_stale: true });
      await app.settled();
      expect(await metadata()).toMatchObject({ total_items: 1, is_stale: true });
      await app.page(bob);
      expect(await metadata()).toMatchObject({ total_items: 1, is_stale: false });
    });

    it("is marked stale by a hide, and counts no more than a feed holds", async () => {
      const { bob, posts } = await begin(MOST + 2);
      await app.page(bob);
      await app.as(bob).call("newsfeed.hide", { post_id: posts.at(-1)!.id });
      expect(await app.as(bob).call("newsfeed.metadata", {})).toMatchObject({ total_items: MOST, is_stale: true });
      expect(await app.as(bob).call("newsfeed.rebuild", {})).toMatchObject({ total_items: MOST, is_stale: false });
      await app.expectExact(bob);
    });
  });

  it("ends the same after a read as after a rebuild that was asked for by many", async () => {
    const { bob, posts } = await begin(5);
    const answers = await Promise.all(Array.from({ length: 10 }, () => app.as(bob).call("newsfeed.rebuild", {})));
    for (const answer of answers) expect(answer).toMatchObject({ user_id: bob.id, total_items: 5 });
    expect(await app.walk(bob)).toEqual(idsOf(posts));
  });

  describe("the sweeper", () => {
    it("trims a feed that has grown to what it shows, and changes nothing that is seen", async () => {
      const { alice, bob } = await begin(0);
      await app.posts(alice, MOST + 7);
      await app.settled();
      await app.page(bob);
      await app.posts(alice, MOST);
      await app.settled();
      expect((await app.feedRows(bob)).length).toBeGreaterThan(MOST * 1.5);
      const before = await app.walk(bob);
      while (!(await app.feeds().sweep()));
      expect(await app.feedRows(bob)).toEqual(before);
      await app.expectExact(bob);
    });

    it("removes rows of former followers that a late page left, and of a feed that nobody reads", async () => {
      const { alice, bob } = await begin(2);
      await app.page(bob);
      const { sql } = app.feeds();
      await app.as(bob).call("graph.unfollow", { user_id: alice.id });
      await app.page(bob);
      expect(await app.feedRows(bob)).toEqual([]);
      // Written by a page that had read the followers before.
      const late = { post_id: newId(), user_id: alice.id, created_at_ms: Date.now() };
      await sql.at(bob.id).transaction((tx) => feedItems.push(tx, [bob.id], late));
      expect(await app.feedRows(bob)).toHaveLength(1);
      await app.expectExact(bob);
      while (!(await app.feeds().sweep()));
      expect(await app.feedRows(bob)).toEqual([]);
    });
  });
});
