import { setTimeout as sleep } from "node:timers/promises";
import type { DomainEvent } from "../../lib/contract";
import { UnavailableError } from "../../lib/errors";
import { stampOf } from "../../mixins/redis";
import * as deliveries from "../../services/newsfeed/deliveries.repository";
import * as feedItems from "../../services/newsfeed/feed-items.repository";
import type { Post } from "../../services/posts/posts.contract";
import { useFeeds } from "./use-feeds";

const INFLUENCER = 3;

describe("a post", () => {
  const app = useFeeds({ env: { INFLUENCER_FOLLOWERS: String(INFLUENCER), FEED_MAX_ITEMS: "12" } });

  const idsOf = (posts: Post[]) => posts.map(({ id }) => id).reverse();
  const publish = (topic: string, data: Record<string, unknown>, event_id = "f".repeat(24)) => {
    const event: DomainEvent = {
      event_id,
      type: topic,
      version: 1,
      occurred_at: new Date().toISOString(),
      aggregate_id: String(data["post_id"]),
      data,
    };
    return app.broker.call("newsfeed.receive", {
      topic,
      group: topic === "feed.fanout" ? "newsfeed-fanout" : "newsfeed",
      event,
    });
  };
  /** All followers in one page, told by an event of its own. */
  const publishPage = (post: Post) => publish("feed.fanout", { ...eventOf(post), page_id: `${post.id}:0` });
  const eventOf = ({ id, user_id, created_at, media_ids }: Post) => ({ post_id: id, user_id, created_at, media_ids });

  it("is pushed into the feeds of its author's followers, and into no other", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    await app.follow(bob, alice);
    await app.settled();
    const post = await app.postPicture(alice);
    await app.settled();

    expect(await app.feedRows(bob)).toEqual([post.id]);
    expect((await app.page(bob)).items).toMatchObject([
      { id: post.id, author: { id: alice.id }, media: [{ id: post.media_ids[0] }] },
    ]);
    expect((await app.page(carol)).items).toEqual([]);
    expect((await app.page(alice)).items).toEqual([]);
  });

  it("of an author at the threshold is pulled: no row is written, and every follower sees it once", async () => {
    const [alice, ...followers] = await app.users("alice", "bob", "carol", "dave");
    for (const follower of followers) await app.follow(follower, alice);
    await app.settled();
    const posts = await app.posts(alice, 2);

    expect(await app.published("feed.fanout")).toEqual([]);
    for (const follower of followers) {
      expect(await app.walk(follower)).toEqual(idsOf(posts));
      expect(await app.feedRows(follower)).toEqual([]);
    }
    await app.expectExact(...followers);
  });

  it("that is pulled is in a feed built before its readers could be told, and told of once more", async () => {
    const [star, bob, ...fans] = await app.users("star", "bob", "fan", "fan", "fan");
    for (const fan of fans) await app.follow(fan, star);
    const [first] = await app.posts(star, 1);
    await app.settled();
    await app.walk(fans[0]);

    // As where Redis cannot be reached, or the node dies, right after the commit.
    const { stamps } = app.feeds();
    const touch = stamps.touch.bind(stamps);
    stamps.touch = (names) =>
      [...names].includes(stampOf.pulled) ? Promise.reject(new UnavailableError()) : touch(names);
    const post = await app.post(star);
    const isPulled = () => deliveries.find(app.feeds().sql.at(star.id), star.id, post.id);
    while ((await isPulled())?.is_pulled !== true) await sleep(5);
    await app.follow(bob, star);
    expect(await app.walk(bob)).toEqual([post.id, first!.id]);
    expect(await app.feedRows(bob)).toEqual([post.id]);
    stamps.touch = touch;

    await app.expectExact(bob, ...fans);
  });

  it("stays where it was put when its author crosses the threshold, up and down", async () => {
    const [alice, bob, carol, dave] = await app.users("alice", "bob", "carol", "dave");
    await app.follow(bob, alice);
    await app.follow(carol, alice);
    await app.settled();
    const pushed = await app.post(alice);
    await app.settled();
    await app.follow(dave, alice);
    await app.settled();
    const pulled = await app.post(alice);
    await app.expectExact(bob, carol, dave);
    await app.as(carol).call("graph.unfollow", { user_id: alice.id });
    await app.settled();
    const pushedAgain = await app.post(alice);
    await app.settled();

    expect(await app.feedRows(bob)).toEqual([pushedAgain.id, pushed.id]);
    expect(await app.walk(bob, 1)).toEqual([pushedAgain.id, pulled.id, pushed.id]);
    await app.expectExact(bob, carol, dave);
  });

  it("arrives in a feed that is read all the time, at its place by time", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    await app.follow(carol, alice, bob);
    for (let i = 0; i < 3; i += 1) {
      await app.post(alice);
      await app.expectExact(carol);
      await app.post(bob);
      await app.expectExact(carol);
    }
    expect(await app.walk(carol)).toHaveLength(6);
  });

  it("is the same however often its event is delivered", async () => {
    const [alice, bob, star] = await app.users("alice", "bob", "star");
    const fans = await app.users("fan", "fan", "fan");
    for (const fan of fans) await app.follow(fan, star);
    await app.follow(bob, alice, star);
    await app.settled();
    const [pushed, pulled] = [await app.post(alice), await app.post(star)];
    await app.settled();
    const before = [await app.walk(bob), await app.feedRows(bob)];

    await Promise.all([1, 2, 3].map(() => publish("post.created", eventOf(pushed))));
    await Promise.all([1, 2, 3].map(() => publish("post.created", eventOf(pulled))));
    await publishPage(pushed);
    await app.settled();

    expect([await app.walk(bob), await app.feedRows(bob)]).toEqual(before);
  });

  it("leaves every feed when it is deleted, rows and timelines too", async () => {
    const [alice, bob, star] = await app.users("alice", "bob", "star");
    const fans = await app.users("fan", "fan", "fan");
    for (const fan of fans) await app.follow(fan, star);
    await app.follow(bob, alice, star);
    await app.settled();
    const [first, second] = await app.posts(alice, 2);
    const pulled = await app.post(star);
    await app.settled();
    await app.walk(bob);
    await app.as(alice).call("posts.delete", { post_id: second!.id });
    await app.as(star).call("posts.delete", { post_id: pulled.id });
    expect(await app.walk(bob)).toEqual([first!.id]);
    await app.settled();

    expect(await app.walk(bob)).toEqual([first!.id]);
    expect(await app.feedRows(bob)).toEqual([first!.id]);
    const cached = await app.feeds().timelines.page(bob.id, undefined, 100);
    expect(cached?.entries.map(({ post_id }) => post_id)).toEqual([first!.id]);
  });

  it("that was deleted does not come back by an event or a page that is late", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.follow(bob, alice);
    await app.settled();
    const post = await app.post(alice);
    await app.settled();
    await app.as(alice).call("posts.delete", { post_id: post.id });
    await app.settled();
    await publishPage(post);
    await publish("post.created", eventOf(post));
    await publish("post.updated", { ...eventOf(post), is_hidden: false }, "e".repeat(24));
    await app.settled();

    expect(await app.feedRows(bob)).toEqual([]);
    expect(await app.published("feed.fanout")).toEqual([]);
  });

  it("whose deletion is told before its creation is never delivered", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.follow(bob, alice);
    await app.settled();
    const data = {
      post_id: "0123456789abcdef01234567",
      user_id: alice.id,
      created_at: new Date().toISOString(),
      media_ids: [],
    };
    await publish("post.deleted", data);
    await publish("post.created", data);
    await app.settled();

    expect(await app.feedRows(bob)).toEqual([]);
    expect(await app.published("feed.fanout")).toEqual([]);
  });

  it("is not written into the feed of an account that was deleted meanwhile", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.follow(bob, alice);
    await app.settled();
    const post = await app.post(alice);
    await app.settled();
    await app.walk(bob);
    await app.as(bob).call("auth.deleteAccount", {});
    await app.settled();
    expect(await app.feedRows(bob)).toEqual([]);
    await publishPage(post);
    expect(await app.feedRows(bob)).toEqual([]);
    // Nor by a page that had read the followers before.
    const entry = { post_id: post.id, user_id: alice.id, created_at_ms: Date.parse(post.created_at) };
    for (const push of [feedItems.pushNew, feedItems.push])
      await app
        .feeds()
        .sql.at(bob.id)
        .transaction((tx) => push(tx, [bob.id], entry));
    expect(await app.feedRows(bob)).toEqual([]);
  });

  it("reaches followers once, however many fan-outs, reads and follows run at once", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const readers = await app.users("reader", "reader", "reader", "reader");
    await app.follow(bob, alice);
    await Promise.all([
      ...readers.slice(0, 2).map((reader) => app.follow(reader, alice)),
      app.posts(alice, 4),
      ...readers.map((reader) => app.page(reader)),
      ...readers.slice(2).map((reader) => app.follow(reader, alice)),
    ]);

    await app.expectExact(bob, ...readers);
    expect(await app.walk(bob)).toHaveLength(4);
  });

  it("is hinted at as feed.updated: once a page with whom it reached, once a pulled post with nobody", async () => {
    const hints: unknown[] = [];
    let heardAll!: () => void;
    const all = new Promise<void>((resolve) => (heardAll = resolve));
    const listener = app.broker.createService({
      name: "listener",
      events: {
        "feed.updated": (ctx: { params: unknown }) => {
          if (hints.push(ctx.params) === 3) heardAll();
        },
      },
    });
    await app.service("newsfeed").broker.waitForServices("listener", 5_000, 10);
    const [alice, bob, star] = await app.users("alice", "bob", "star");
    const fans = await app.users("fan", "fan", "fan");
    for (const fan of fans) await app.follow(fan, star);
    await app.follow(bob, alice);
    await app.settled();
    const pushed = await app.post(alice);
    await app.settled();
    const pulled = await app.post(star);
    await app.settled();
    await app.page(bob);
    await all;
    await app.broker.destroyService(listener);

    expect(hints).toEqual([
      { author_id: alice.id, post_id: pushed.id, created_at: pushed.created_at, user_ids: [bob.id] },
      { author_id: star.id, post_id: pulled.id, created_at: pulled.created_at },
      { user_ids: [bob.id] },
    ]);
  });
});
