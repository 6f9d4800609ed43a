import { newId } from "../../lib/ids";
import type { PostsStore } from "../../services/posts/posts-store";
import { sweep } from "../../services/posts/sweep";
import { usePosts } from "./use-posts";

const MINUTES_MS = 60_000;
const HOURS_MS = 60 * MINUTES_MS;

const app = usePosts();

describe("posts.delete", () => {
  const left = async (query: object) => {
    const documents = app.documents();
    const collections = ["comments", "comment_likes", "likes", "saves", "views"];
    const counts = await Promise.all(collections.map((name) => documents.count(name, query as never)));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  it("takes all that hangs on the post with it, and publishes it once", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    const post_id = post.id;
    const comment = await app.comment(bob, post);
    await app.comment(alice, post, { parent_id: comment.id });
    await app.as(alice).call("posts.likeComment", { comment_id: comment.id });
    for (const action of ["posts.like", "posts.save", "posts.view"] as const)
      await app.as(bob).call(action, { post_id });
    expect(await left({ post_id })).toBe(6);

    await Promise.all(Array.from({ length: 5 }, () => app.as(alice).call("posts.delete", { post_id })));
    await expect(app.as(alice).call("posts.delete", { post_id })).resolves.toEqual({});
    expect(await left({ post_id })).toBe(0);
    expect(await app.published("post.deleted")).toEqual([
      { post_id, user_id: alice.id, created_at: post.created_at, media_ids: post.media_ids },
    ]);
    await expect(app.as(alice).call("posts.get", { post_id })).rejects.toMatchObject({ type: "POST_NOT_FOUND" });
    await expect(app.as(bob).call("posts.delete", { post_id })).rejects.toMatchObject({ type: "POST_NOT_FOUND" });
    await expect(app.as(bob).call("posts.listSaved", {})).resolves.toEqual({ items: [], next_cursor: null });
  });

  it("leaves nothing behind when people like and comment at the same time", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    const post = await app.post(alice);
    const post_id = post.id;
    const busy = Array.from({ length: 10 }, () => [
      app.as(bob).call("posts.like", { post_id }),
      app.as(carol).call("posts.view", { post_id }),
      app.as(carol).call("posts.save", { post_id }),
      app.comment(bob, post),
    ]).flat();
    const deleted = app.as(alice).call("posts.delete", { post_id });
    const outcomes = await Promise.allSettled(busy);
    await deleted;

    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ type: "POST_NOT_FOUND" });
    expect(await left({ post_id })).toBe(0);
  });

  it("is finished by the sweeper where it ended after its first transaction", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    const post_id = post.id;
    await app.as(bob).call("posts.like", { post_id });
    await app.comment(bob, post);
    const documents = app.documents();
    const broken = jest.spyOn(documents, "find").mockRejectedValue(new Error("the process died here"));
    await expect(app.as(alice).call("posts.delete", { post_id })).rejects.toThrow();
    broken.mockRestore();
    expect(await left({ post_id })).toBe(2);

    const store = app.service<PostsStore>("posts");
    await sweep(store);
    // Its request could still be at it.
    expect(await left({ post_id })).toBe(2);
    await sweep(store, Date.now() + 2 * MINUTES_MS);
    expect(await left({ post_id })).toBe(0);
    await expect(app.as(alice).call("posts.delete", { post_id })).resolves.toEqual({});
    await sweep(store, Date.now() + 25 * HOURS_MS);
    expect(await documents.get("deletions", `post:${post_id}`)).toBeNull();
  });

  it("forgets idempotency keys after 24 hours", async () => {
    const alice = await app.user("alice");
    await app.post(alice, { idempotency_key: "old" });
    const documents = app.documents();
    const id = `${alice.id}:create:old`;
    await sweep(app.service<PostsStore>("posts"), Date.now() + 23 * HOURS_MS);
    expect(await documents.get("idempotency", id)).not.toBeNull();
    await sweep(app.service<PostsStore>("posts"), Date.now() + 25 * HOURS_MS);
    expect(await documents.get("idempotency", id)).toBeNull();
  });

  it("lets everything of a deleted account go, and corrects the counters of others", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    const [hers, his] = [await app.post(alice), await app.post(bob)];
    const byBob = await app.comment(bob, his);
    const byAlice = await app.comment(alice, his);
    await app.comment(carol, his, { parent_id: byAlice.id });
    await app.comment(alice, his, { parent_id: byBob.id });
    await app.comment(bob, hers);
    for (const action of ["posts.like", "posts.view", "posts.save"] as const)
      for (const person of [alice, carol]) await app.as(person).call(action, { post_id: his.id });
    for (const person of [alice, carol]) await app.as(person).call("posts.likeComment", { comment_id: byBob.id });

    await app.as(alice).call("auth.deleteAccount", {});
    const deleted = await app.published("post.deleted");
    expect(deleted.map(({ post_id }) => post_id)).toEqual([hers.id]);
    await expect(app.as(carol).call("posts.get", { post_id: his.id })).resolves.toMatchObject({
      like_count: 1,
      view_count: 1,
      comment_count: 1,
    });
    const { items } = await app.as(carol).call("posts.listComments", { post_id: his.id });
    expect(items).toMatchObject([{ id: byBob.id, reply_count: 0, like_count: 1 }]);
    expect(await left({ user_id: alice.id })).toBe(0);
    expect(await left({ post_id: hers.id })).toBe(0);
    expect(await app.documents().count("posts", { user_id: alice.id })).toBe(0);
    const likes = await app.published("post.liked");
    expect(likes.filter(({ actor_id }) => actor_id === alice.id).at(-1)).toMatchObject({ is_liked: false });
  });

  it("changes nothing more when a deletion is delivered again, and stores nothing late", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const his = await app.post(bob);
    await app.as(alice).call("posts.like", { post_id: his.id });
    await app.as(alice).call("auth.deleteAccount", {});
    await app.settled();
    const event = {
      ...{ event_id: newId(), type: "user.deleted", version: 1, occurred_at: new Date().toISOString() },
      ...{ aggregate_id: String(alice.id), data: { user_id: alice.id } },
    };
    const store = app.service<PostsStore & { schema: { channels: Record<string, (event: object) => Promise<void>> } }>(
      "posts",
    );
    for (let i = 0; i < 2; i += 1) await store.schema.channels["user.deleted"]!.call(store, event);

    // A request that was authenticated before the account went.
    await expect(app.as(alice).call("posts.like", { post_id: his.id })).rejects.toMatchObject({ code: 401 });
    await expect(app.comment(alice, his)).rejects.toMatchObject({ code: 401 });
    await expect(app.as(bob).call("posts.stats", { post_id: his.id })).resolves.toMatchObject({ like_count: 0 });
    await sweep(store, Date.now() + 2 * MINUTES_MS);
    expect(await left({ user_id: alice.id })).toBe(0);
  });
});

describe("the posts store", () => {
  it("holds the spec's fields, dates as dates", async () => {
    const alice = await app.user("alice");
    const { id } = await app.post(alice);
    const stored = await app.documents().get(`posts`, id);
    expect(Object.keys(stored!).toSorted()).toEqual(
      [
        ...["_id", "user_id", "caption", "media_ids", "location", "hashtags", "mentions"],
        ...["like_count", "comment_count", "view_count", "is_comments_disabled", "is_hidden"],
        ...["created_at", "updated_at", "seq"],
      ].toSorted(),
    );
    expect(stored).toMatchObject({ created_at: expect.any(Date) as Date, updated_at: expect.any(Date) as Date });
  });

  it("has its posts, likes and comments after a restart", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice, { caption: "#kept" });
    await app.as(bob).call("posts.like", { post_id: post.id });
    await app.comment(bob, post);
    await app.settled();
    await app.restart();
    await expect(app.as(bob).call("posts.get", { post_id: post.id })).resolves.toMatchObject({
      ...{ like_count: 1, comment_count: 1, hashtags: ["kept"], created_at: post.created_at },
      viewer: { has_liked: true },
    });
  });
});
