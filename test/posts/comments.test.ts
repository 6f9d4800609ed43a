import { newId } from "../../lib/ids";
import { usePosts } from "./use-posts";

const app = usePosts();

describe("posts.addComment", () => {
  it("answers the comment, counts it and publishes it", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    const comment = await app.comment(bob, post, { text: `  so nice @${alice.username} ` });

    expect(comment).toMatchObject({
      post_id: post.id,
      parent_id: null,
      text: `so nice @${alice.username}`,
      mentions: [alice.username],
      ...{ like_count: 0, reply_count: 0 },
      author: { id: bob.id },
      viewer: { has_liked: false },
    });
    await expect(app.as(alice).call("posts.stats", { post_id: post.id })).resolves.toMatchObject({ comment_count: 1 });
    expect(await app.published("post.commented")).toEqual([
      {
        ...{ post_id: post.id, user_id: alice.id, created_at: post.created_at },
        ...{ actor_id: bob.id, comment_id: comment.id },
      },
    ]);
  });

  it("takes answers to comments, one level deep", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const [post, other] = [await app.post(alice), await app.post(alice)];
    const parent = await app.comment(bob, post);
    const reply = await app.comment(alice, post, { parent_id: parent.id, text: "thanks" });

    expect(reply).toMatchObject({ parent_id: parent.id });
    await expect(app.comment(bob, post, { parent_id: reply.id })).rejects.toMatchObject({
      code: 422,
      type: "NESTED_REPLY",
    });
    await expect(app.comment(bob, other, { parent_id: parent.id })).rejects.toMatchObject({ code: 404 });
    await expect(app.comment(bob, post, { parent_id: newId() })).rejects.toMatchObject({ type: "COMMENT_NOT_FOUND" });

    const all = await app.as(bob).call("posts.listComments", { post_id: post.id });
    expect(all.items).toMatchObject([{ id: parent.id, reply_count: 1 }]);
    const answers = await app.as(bob).call("posts.listComments", { post_id: post.id, parent_id: parent.id });
    expect(answers.items).toMatchObject([{ id: reply.id }]);
    await expect(app.as(bob).call("posts.get", { post_id: post.id })).resolves.toMatchObject({ comment_count: 2 });
  });

  it("is refused where the author takes none, and when empty", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice, { is_comments_disabled: true });
    await expect(app.comment(bob, post)).rejects.toMatchObject({ code: 403, type: "COMMENTS_DISABLED" });
    await app.as(alice).call("posts.update", { post_id: post.id, is_comments_disabled: false });
    await expect(app.comment(bob, post)).resolves.toMatchObject({ post_id: post.id });
    await expect(app.comment(bob, post, { text: "  " })).rejects.toMatchObject({ type: "INVALID_INPUT" });
  });

  it("stores one comment for one key, however many requests race", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    const draft = { text: "once", idempotency_key: "k" };
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.comment(bob, post, draft)));

    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    await expect(app.as(bob).call("posts.stats", { post_id: post.id })).resolves.toMatchObject({ comment_count: 1 });
    await expect(app.comment(bob, post, { ...draft, text: "other" })).rejects.toMatchObject({
      type: "IDEMPOTENCY_KEY_REUSED",
    });
    expect(await app.published("post.commented")).toHaveLength(1);
  });

  it("lists comments oldest first, in pages", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    for (let i = 0; i < 5; i += 1) await app.comment(bob, post, { text: `comment ${i}` });

    const texts: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await app.as(alice).call("posts.listComments", { post_id: post.id, limit: 2, cursor });
      texts.push(...page.items.map(({ text }) => text));
      cursor = page.next_cursor ?? undefined;
    } while (cursor !== undefined);
    // Of two in one millisecond the id decides.
    expect(texts.toSorted()).toEqual([0, 1, 2, 3, 4].map((i) => `comment ${i}`));
    expect(texts).toHaveLength(5);
  });

  it("leaves out who is blocked or suspended, and keeps private accounts", async () => {
    const [alice, bob, dave] = await app.users("alice", "bob", "dave");
    const carol = await app.user("carol", { is_private: true });
    const post = await app.post(alice);
    const byBob = await app.comment(bob, post);
    await app.comment(dave, post);
    const byCarol = await app.comment(carol, post);
    await app.as(alice).call("graph.block", { user_id: bob.id });
    await app.as({ id: alice.id, role: "admin" }).call("auth.updateAccount", { user_id: dave.id, is_suspended: true });

    const { items } = await app.as(alice).call("posts.listComments", { post_id: post.id });
    expect(items.map(({ id }) => id)).toEqual([byCarol.id]);
    const calls = [
      app.as(alice).call("posts.likeComment", { comment_id: byBob.id }),
      app.comment(alice, post, { parent_id: byBob.id }),
      app.as(alice).call("posts.listComments", { post_id: post.id, parent_id: byBob.id }),
    ];
    await Promise.all(calls.map((call) => expect(call).rejects.toMatchObject({ type: "COMMENT_NOT_FOUND" })));
  });

  it("keeps counters equal to what there is while comments and answers come and go at once", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    const parents = await Promise.all(Array.from({ length: 5 }, () => app.comment(bob, post)));
    const storm = parents.flatMap((parent, i) => [
      ...Array.from({ length: 6 }, () => app.comment(alice, post, { parent_id: parent.id }).catch(() => undefined)),
      app
        .as(alice)
        .call("posts.likeComment", { comment_id: parent.id })
        .catch(() => undefined),
      ...(i % 2 ? [app.as(bob).call("posts.deleteComment", { post_id: post.id, comment_id: parent.id })] : []),
    ]);
    await Promise.all(storm);

    const documents = app.documents();
    const { comment_count } = await app.as(alice).call("posts.stats", { post_id: post.id });
    expect(comment_count).toBe(await documents.count("comments", { post_id: post.id }));
    const { items } = await app.as(alice).call("posts.listComments", { post_id: post.id });
    expect(items).toHaveLength(3);
    for (const { id, reply_count, like_count } of items) {
      expect(reply_count).toBe(await documents.count("comments", { thread_id: id }));
      expect(like_count).toBe(await documents.count("comment_likes", { comment_id: id }));
    }
    expect(await documents.count("comment_likes", { post_id: post.id })).toBe(3);
  });
});

describe("posts.deleteComment", () => {
  it("takes answers and likes with it, and corrects the count", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    const [parent, kept] = [await app.comment(bob, post), await app.comment(bob, post)];
    const reply = await app.comment(alice, post, { parent_id: parent.id });
    for (const { id } of [parent, reply, kept]) await app.as(alice).call("posts.likeComment", { comment_id: id });
    await app.as(bob).call("posts.deleteComment", { post_id: post.id, comment_id: parent.id });

    const documents = app.documents();
    await expect(app.as(bob).call("posts.stats", { post_id: post.id })).resolves.toMatchObject({ comment_count: 1 });
    expect(await documents.count("comments", { post_id: post.id })).toBe(1);
    expect(await documents.count("comment_likes", { post_id: post.id })).toBe(1);
  });

  it("lowers the parent's count with an answer", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    const parent = await app.comment(bob, post);
    const reply = await app.comment(bob, post, { parent_id: parent.id });
    await app.as(bob).call("posts.deleteComment", { post_id: post.id, comment_id: reply.id });
    const { items } = await app.as(bob).call("posts.listComments", { post_id: post.id });
    expect(items).toMatchObject([{ id: parent.id, reply_count: 0 }]);
  });

  it("is for its writer, the post's author and moderators; a repeat changes nothing", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    const post = await app.post(alice);
    const post_id = post.id;
    const comment_id = (await app.comment(bob, post)).id;
    await expect(app.as(carol).call("posts.deleteComment", { post_id, comment_id })).rejects.toMatchObject({
      code: 403,
      type: "FORBIDDEN",
    });
    for (const person of [bob, alice, { ...carol, role: "moderator" as const }]) {
      const { id } = await app.comment(bob, post);
      for (let i = 0; i < 2; i += 1)
        await expect(app.as(person).call("posts.deleteComment", { post_id, comment_id: id })).resolves.toEqual({});
    }
    await expect(app.as(bob).call("posts.deleteComment", { post_id, comment_id: newId() })).rejects.toMatchObject({
      type: "COMMENT_NOT_FOUND",
    });
    await expect(app.as(bob).call("posts.stats", { post_id })).resolves.toMatchObject({ comment_count: 1 });
  });
});

describe("posts.likeComment", () => {
  it("counts each person once, and can be taken back", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    const { id: comment_id } = await app.comment(bob, post);
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => app.as(alice).call("posts.likeComment", { comment_id })),
    );
    expect(answers).toEqual(answers.map(() => ({ has_liked: true, like_count: 1 })));
    const { items } = await app.as(alice).call("posts.listComments", { post_id: post.id });
    expect(items).toMatchObject([{ like_count: 1, viewer: { has_liked: true } }]);
    await expect(app.as(alice).call("posts.unlikeComment", { comment_id })).resolves.toEqual({
      has_liked: false,
      like_count: 0,
    });
  });

  it("tells nothing of a comment on a post that the viewer may not see", async () => {
    const alice = await app.user("alice", { is_private: true });
    const bob = await app.user("bob");
    const { id } = await app.comment(alice, await app.post(alice));
    for (const comment_id of [id, newId()])
      await expect(app.as(bob).call("posts.likeComment", { comment_id })).rejects.toMatchObject({
        code: 404,
        type: "COMMENT_NOT_FOUND",
      });
  });
});
