import { newId } from "../../lib/ids";
import { usePosts } from "./use-posts";

const app = usePosts();

describe("posts.update", () => {
  it("lets hashtags and mentions follow the caption, and publishes what changed only", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id: post_id, created_at, media_ids } = await app.post(alice, { caption: "#old", location: "Seoul" });
    const caption = `#new @${bob.username}`;
    const post = await app.as(alice).call("posts.update", { post_id, caption });
    await app.as(alice).call("posts.update", { post_id, caption, location: "Seoul" });

    expect(post).toMatchObject({ caption, hashtags: ["new"], mentions: [bob.username], location: "Seoul", created_at });
    expect(post.updated_at >= created_at).toBe(true);
    expect(await app.published("post.updated")).toEqual([
      { post_id, user_id: alice.id, created_at, media_ids, is_hidden: false },
    ]);
    const old = await app.as(alice).call("posts.listByHashtag", { hashtag: "old" });
    expect(old.items).toEqual([]);
    await expect(app.as(bob).call("posts.listByHashtag", { hashtag: "new" })).resolves.toMatchObject({
      items: [{ id: post_id }],
    });
  });

  it("is the author's: 403 to who may see the post, 404 to who may not", async () => {
    const alice = await app.user("alice");
    const carol = await app.user("carol", { is_private: true });
    const bob = await app.user("bob");
    const [seen, unseen] = [await app.post(alice), await app.post(carol)];
    for (const action of ["posts.update", "posts.delete", "posts.archive", "posts.unarchive"] as const) {
      await expect(app.as(bob).call(action, { post_id: seen.id })).rejects.toMatchObject({
        code: 403,
        type: "FORBIDDEN",
      });
      for (const post_id of [unseen.id, newId()])
        await expect(app.as(bob).call(action, { post_id })).rejects.toMatchObject({ type: "POST_NOT_FOUND" });
    }
  });
});

describe("posts.archive", () => {
  it("hides the post from everybody else, everywhere, until it is shown again", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id: post_id, created_at, media_ids } = await app.post(alice, { caption: "#archived" });
    await app.as(bob).call("posts.save", { post_id });
    const seenBy = async (viewer: typeof alice) => {
      const { items } = await app.as(viewer).call("posts.listByUser", { user_id: alice.id });
      const tagged = await app.as(viewer).call("posts.listByHashtag", { hashtag: "archived" });
      const { posts } = await app.as(viewer).call("posts.getMany", { post_ids: [post_id] });
      return [items.length, tagged.items.length, posts.length];
    };
    const saved = async () => (await app.as(bob).call("posts.listSaved", {})).items.length;

    const archived = await app.as(alice).call("posts.archive", { post_id });
    await app.as(alice).call("posts.archive", { post_id });
    expect(archived.is_hidden).toBe(true);
    expect(await seenBy(bob)).toEqual([0, 0, 0]);
    expect(await seenBy(alice)).toEqual([1, 1, 1]);
    expect(await saved()).toBe(0);
    const calls = [
      app.as(bob).call("posts.like", { post_id }),
      app.as(bob).call("posts.addComment", { post_id, text: "hello" }),
      app.as(bob).call("posts.view", { post_id }),
      app.as(bob).call("posts.save", { post_id }),
      app.as(bob).call("posts.listComments", { post_id }),
    ];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ type: "POST_NOT_FOUND" })));

    await expect(app.as(alice).call("posts.unarchive", { post_id })).resolves.toMatchObject({ is_hidden: false });
    expect(await seenBy(bob)).toEqual([1, 1, 1]);
    expect(await saved()).toBe(1);
    const event = { post_id, user_id: alice.id, created_at, media_ids };
    expect(await app.published("post.updated")).toEqual([
      { ...event, is_hidden: true },
      { ...event, is_hidden: false },
    ]);
  });
});

describe("posts.view", () => {
  it("counts each viewer once, however often and however many at once", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    const { id: post_id } = await app.post(alice);
    await Promise.all(
      [bob, carol].flatMap((viewer) =>
        Array.from({ length: 20 }, () => app.as(viewer).call("posts.view", { post_id })),
      ),
    );
    await expect(app.as(bob).call("posts.view", { post_id })).resolves.toEqual({ view_count: 2 });
    await expect(app.as(alice).call("posts.stats", { post_id })).resolves.toEqual({
      like_count: 0,
      comment_count: 0,
      view_count: 2,
    });
  });
});

describe("posts.save", () => {
  it("lists what the viewer saved, the last saved first, in pages, and only to them", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const posts = [await app.post(alice), await app.post(alice), await app.post(bob)];
    const order = [posts[1]!.id, posts[2]!.id, posts[0]!.id];
    for (const post_id of order) {
      for (let i = 0; i < 2; i += 1) await app.as(bob).call("posts.save", { post_id });
      await new Promise((resolve) => setTimeout(resolve, 3));
    }

    const first = await app.as(bob).call("posts.listSaved", { limit: 2 });
    const second = await app.as(bob).call("posts.listSaved", { limit: 2, cursor: first.next_cursor! });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(order.toReversed());
    expect(first.items.every(({ viewer }) => viewer.has_saved)).toBe(true);
    expect(second.next_cursor).toBeNull();
    await expect(app.as(alice).call("posts.listSaved", {})).resolves.toEqual({ items: [], next_cursor: null });

    for (let i = 0; i < 2; i += 1) await app.as(bob).call("posts.unsave", { post_id: order[0]! });
    const left = await app.as(bob).call("posts.listSaved", {});
    expect(left.items.map(({ id }) => id)).toEqual([order[2], order[1]]);
  });

  it("keeps what went out of sight, shown again when it returns", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id: post_id } = await app.post(alice);
    await app.as(bob).call("posts.save", { post_id });
    await app.as(alice).call("auth.updateProfile", { is_private: true });
    await expect(app.as(bob).call("posts.listSaved", {})).resolves.toEqual({ items: [], next_cursor: null });
    await app.as(alice).call("auth.updateProfile", { is_private: false });
    await expect(app.as(bob).call("posts.listSaved", {})).resolves.toMatchObject({ items: [{ id: post_id }] });
  });
});
