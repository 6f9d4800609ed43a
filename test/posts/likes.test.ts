import { newId } from "../../lib/ids";
import { usePosts } from "./use-posts";

const app = usePosts();

describe("posts.like", () => {
  it("counts 50 simultaneous likes of one person once", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id: post_id } = await app.post(alice);
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.as(bob).call("posts.like", { post_id })));

    expect(answers).toEqual(answers.map(() => ({ has_liked: true, like_count: 1 })));
    const events = await app.published("post.liked");
    expect(events).toEqual([expect.objectContaining({ post_id, user_id: alice.id, actor_id: bob.id, is_liked: true })]);
    const seen = await app.as(bob).call("posts.get", { post_id });
    expect(seen).toMatchObject({ like_count: 1, viewer: { has_liked: true } });
  });

  it("keeps the count equal to the likes after a storm of likes and unlikes", async () => {
    const alice = await app.user("alice");
    const people = await Promise.all(Array.from({ length: 10 }, () => app.user("fan")));
    const { id: post_id } = await app.post(alice);
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        app.as(people[i % 10]!).call(Math.random() < 0.5 ? "posts.like" : "posts.unlike", { post_id }),
      ),
    );

    const edges = await app.documents().count("likes", { post_id });
    const { like_count } = await app.as(alice).call("posts.stats", { post_id });
    expect(like_count).toBe(edges);
    const { items } = await app.as(alice).call("posts.listLikes", { post_id });
    expect(items).toHaveLength(edges);
    const events = await app.published("post.liked");
    const sum = events.reduce((total, { is_liked }) => total + (is_liked ? 1 : -1), 0);
    expect(sum).toBe(edges);
  });

  it("delivers a person's like and unlike in the order in which they were made", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id: post_id } = await app.post(alice);
    for (let i = 0; i < 5; i += 1) {
      await app.as(bob).call("posts.like", { post_id });
      await app.as(bob).call("posts.unlike", { post_id });
    }
    const events = await app.published("post.liked");
    expect(events.map(({ is_liked }) => is_liked)).toEqual(Array.from({ length: 10 }, (_, i) => i % 2 === 0));
  });

  it("changes nothing when taken back by somebody who did not like it", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const { id: post_id } = await app.post(alice);
    const answer = await app.as(bob).call("posts.unlike", { post_id });
    expect(answer).toEqual({ has_liked: false, like_count: 0 });
    expect(await app.published("post.liked")).toEqual([]);
  });

  it("looks like a missing post where the viewer may not see it", async () => {
    const alice = await app.user("alice", { is_private: true });
    const bob = await app.user("bob");
    const { id } = await app.post(alice);
    for (const post_id of [id, newId()])
      for (const action of ["posts.like", "posts.unlike", "posts.stats", "posts.listLikes"] as const)
        await expect(app.as(bob).call(action, { post_id })).rejects.toMatchObject({ type: "POST_NOT_FOUND" });
  });

  it("lists who likes a post, newest first, in pages, less those who are blocked", async () => {
    const [alice, bob, carol, dave] = await app.users("alice", "bob", "carol", "dave");
    const { id: post_id } = await app.post(alice);
    for (const person of [bob, carol, dave]) {
      await app.as(person).call("posts.like", { post_id });
      await new Promise((resolve) => setTimeout(resolve, 3));
    }

    const first = await app.as(alice).call("posts.listLikes", { post_id, limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual([dave.id, carol.id]);
    const second = await app.as(alice).call("posts.listLikes", { post_id, limit: 2, cursor: first.next_cursor! });
    expect(second).toMatchObject({ items: [{ id: bob.id }], next_cursor: null });

    await app.as(carol).call("graph.block", { user_id: bob.id });
    const seen = await app.as(carol).call("posts.listLikes", { post_id });
    expect(seen.items.map(({ id }) => id)).toEqual([dave.id, carol.id]);
    await expect(app.as(alice).call("posts.listLikes", { post_id, cursor: "x" })).rejects.toMatchObject({
      type: "BAD_CURSOR",
    });
  });

  it("shows the like of a private account on a public post", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const carol = await app.user("carol", { is_private: true });
    const { id: post_id } = await app.post(alice);
    await app.as(carol).call("posts.like", { post_id });
    const { items } = await app.as(bob).call("posts.listLikes", { post_id });
    expect(items.map(({ id }) => id)).toEqual([carol.id]);
  });
});
