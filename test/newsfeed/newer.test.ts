import type { DocumentStore } from "../../mixins/documents";
import { encodeCursor } from "../../lib/cursor";
import { newId } from "../../lib/ids";
import type { Post } from "../../services/posts/posts.contract";
import type { Person } from "../setup/use-app";
import { useFeeds } from "./use-feeds";

const INFLUENCER = 3;
const MINUTE_MS = 60_000;
/** A walk that does not end fails, and does not hang. */
const MOST_PAGES = 1_000;

describe("newsfeed.readNewer", () => {
  const app = useFeeds({ env: { INFLUENCER_FOLLOWERS: String(INFLUENCER), FEED_MAX_ITEMS: "300" } });

  const since = (viewer: Person, position?: string, limit = 20) =>
    app.as(viewer).call("newsfeed.readNewer", { limit, ...(position === undefined ? {} : { position }) });

  /** Reads on from a position until there is no more. */
  async function told(viewer: Person, position: string, limit = 7) {
    const ids: string[] = [];
    for (let pages = 0, hasMore = true; hasMore && pages < MOST_PAGES; pages += 1) {
      const page = await since(viewer, position, limit);
      ids.push(...page.entries.map(({ post }) => post.id));
      ({ position } = page);
      hasMore = page.has_more;
    }
    return { ids, position };
  }

  /** A post of some minutes ago whose fan-out comes only now. */
  async function latePost(author: Person, minutes: number, deliver: (post: LatePost) => Promise<unknown>) {
    const { documents } = app.service<{ documents: DocumentStore }>("posts");
    const created_at = new Date(Date.now() - minutes * MINUTE_MS);
    const _id = newId();
    await documents.transaction(async (tx) => {
      await tx.insert("posts", {
        ...{ _id, user_id: author.id, caption: "late", media_ids: [], location: "", hashtags: [], mentions: [] },
        ...{ like_count: 0, comment_count: 0, view_count: 0, is_comments_disabled: false, is_hidden: false },
        ...{ created_at, updated_at: created_at, seq: 1 },
      });
    });
    await deliver({ post_id: _id, user_id: author.id, created_at: created_at.toISOString() });
    return _id;
  }
  interface LatePost {
    post_id: string;
    user_id: number;
    created_at: string;
  }
  const receive = (topic: string, data: object) => {
    const about = { type: topic, version: 1, occurred_at: new Date().toISOString(), aggregate_id: "x" };
    const group = topic === "feed.fanout" ? "newsfeed-fanout" : "newsfeed";
    return app.broker.call("newsfeed.receive", { topic, group, event: { event_id: newId(), ...about, data } });
  };
  const pushTo =
    ({ id }: Person) =>
    (post: LatePost) =>
      receive("feed.fanout", { ...post, page_id: `${post.post_id}:0`, after_id: id - 1, upto_id: id });

  it("tells nothing of what was there before, and of each later post once, whoever wrote it", async () => {
    const [alice, star, bob] = await app.users("alice", "star", "bob");
    for (const fan of [...(await app.users("fan", "fan")), bob]) await app.follow(fan, star);
    await app.follow(bob, alice);
    await app.settled();
    await app.post(alice);
    await app.post(star);
    await app.settled();
    const start = await since(bob);
    expect(start).toMatchObject({ entries: [], has_more: false });
    expect(await told(bob, start.position)).toMatchObject({ ids: [] });

    const posts = [...(await app.posts(alice, 5)), ...(await app.posts(star, 5)), ...(await app.posts(alice, 5))];
    await app.settled();
    expect((await told(bob, start.position)).ids).toEqual(posts.map(({ id }) => id));
    expect((await app.page(bob)).items).toHaveLength(17);
  });

  it("is walked without a hole or a repeat while posts arrive, from any entry's own position too", async () => {
    const [alice, star, bob] = await app.users("alice", "star", "bob");
    for (const fan of [...(await app.users("fan", "fan")), bob]) await app.follow(fan, star);
    await app.follow(bob, alice);
    await app.settled();
    let { position } = await since(bob);
    const arriving = Promise.all([app.posts(alice, 40), app.posts(star, 40)]);
    const ids: string[] = [];
    let isOver = false;
    void arriving.then(() => (isOver = true));
    for (let pages = 0, quiet = 0; quiet < 2 && pages < MOST_PAGES; pages += 1) {
      const page = await since(bob, position, 6);
      // As if the connection broke after the third: the next begins at that entry.
      const shown = page.entries.slice(0, 3);
      ids.push(...shown.map(({ post }) => post.id));
      position = shown.at(-1)?.position ?? page.position;
      if (isOver) await app.settled();
      if (isOver && page.entries.length === 0) quiet += 1;
    }
    const made = (await arriving).flat().map(({ id }) => id);
    expect(ids).toHaveLength(80);
    expect([...ids].sort()).toEqual(made.sort());
  });

  it("tells of what comes late too, pushed and pulled, once, in pages, and while more of it comes", async () => {
    const [alice, star, bob] = await app.users("alice", "star", "bob");
    for (const fan of [...(await app.users("fan", "fan")), bob]) await app.follow(fan, star);
    await app.follow(bob, alice);
    await app.settled();
    const start = await since(bob);
    const newest = await app.post(alice);
    await app.settled();
    let { ids, position } = await told(bob, start.position);
    expect(ids).toEqual([newest.id]);

    const late: string[] = [];
    for (const minutes of [30, 20, 10]) late.push(await latePost(alice, minutes, pushTo(bob)));
    const pull = (post: LatePost) => receive("post.created", { ...post, media_ids: [] });
    late.push(await latePost(star, 25, pull));
    const first = await since(bob, position, 2);
    expect(first).toMatchObject({ has_more: true });
    // Comes in mid-walk, and lies before what was told already.
    late.push(await latePost(alice, 40, pushTo(bob)), await latePost(alice, 15, pushTo(bob)));
    const next = await app.post(alice);
    await app.settled();
    const rest = await told(bob, first.entries[1]!.position, 1);
    ids = [...first.entries.map(({ post }) => post.id), ...rest.ids];

    expect(ids.slice(0, 4)).toEqual([late[0], late[3], late[1], late[2]]);
    expect(ids.slice(4)).toEqual([late[4], late[5], next.id]);
    ({ position } = rest);
    await pushTo(bob)({ post_id: newest.id, user_id: alice.id, created_at: newest.created_at });
    expect((await told(bob, position)).ids).toEqual([]);
  });

  it("tells once of what is both pulled and a row of the feed, whichever it was first", async () => {
    const [star, bob] = await app.users("star", "bob");
    for (const fan of [...(await app.users("fan", "fan")), bob]) await app.follow(fan, star);
    await app.settled();
    const start = await since(bob);
    const dataOf = ({ id, user_id, created_at }: Post) => ({ post_id: id, user_id, created_at });
    const pulled = await app.post(star);
    await app.settled();
    const { ids, position } = await told(bob, start.position);
    expect(ids).toEqual([pulled.id]);
    await pushTo(bob)(dataOf(pulled));
    expect(await app.feedRows(bob)).toEqual([pulled.id]);
    expect((await told(bob, position)).ids).toEqual([]);

    const late = await latePost(star, 10, async (post) => {
      await pushTo(bob)(post);
      const first = await told(bob, position);
      expect(first.ids).toEqual([post.post_id]);
      await receive("post.created", { ...post, media_ids: [] });
      expect((await told(bob, first.position)).ids).toEqual([]);
    });
    expect((await told(bob, position)).ids).toEqual([late]);
  });

  it("shows what the feed shows: nothing deleted, blocked, hidden, or of somebody no longer followed", async () => {
    const [alice, bob, carol, dave] = await app.users("alice", "bob", "carol", "dave");
    await app.follow(bob, alice, carol, dave);
    await app.settled();
    const { position } = await since(bob);
    const [kept, deleted, hidden] = await app.posts(alice, 3);
    await app.post(carol);
    await app.post(dave);
    await app.settled();
    await app.as(alice).call("posts.delete", { post_id: deleted!.id });
    await app.as(bob).call("newsfeed.hide", { post_id: hidden!.id });
    await app.as(carol).call("graph.block", { user_id: bob.id });
    await app.as(bob).call("graph.unfollow", { user_id: dave.id });

    expect((await told(bob, position, 2)).ids).toEqual([kept!.id]);
    await app.settled();
    expect((await told(bob, position, 2)).ids).toEqual([kept!.id]);
  });

  it("brings somebody who has no feed yet what their first follow posts from then on", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { position } = await since(bob);
    await app.follow(bob, alice);
    const post = await app.post(alice);
    await app.settled();
    expect((await told(bob, position)).ids).toEqual([post.id]);
  });

  it.each([
    ["nonsense", "nonsense"],
    ["a feed's cursor", encodeCursor([1, "0".repeat(24), 3])],
    ["no snapshot", encodeCursor([1, "g", "own=1:2"])],
    ["a snapshot that ends before it begins", encodeCursor([1, "g", "own=9:2:"])],
    ["a place that there is not", encodeCursor([1, "g", "here=1:2:"])],
    ["a time that is none", encodeCursor([-1, "g", ""])],
    ["half of what comes late", encodeCursor([1, "g", "", 1, "g"])],
  ])("refuses %s as a position", async (_, position) => {
    const bob = await app.user("bob");
    await expect(since(bob, position)).rejects.toMatchObject({ code: 422, type: "BAD_CURSOR" });
  });
});

describe("newsfeed.newestIds", () => {
  const app = useFeeds();

  it("names the newest posts of a feed in its order", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.follow(bob, alice);
    const posts = await app.posts(alice, 4);
    await app.settled();
    const { post_ids } = await app.as(bob).call("newsfeed.newestIds", { limit: 3 });
    expect(post_ids).toEqual(
      posts
        .slice(1)
        .map(({ id }) => id)
        .reverse(),
    );
  });
});
