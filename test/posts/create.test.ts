import { newId } from "../../lib/ids";
import { uploadImage } from "../setup/upload-image";
import { usePosts } from "./use-posts";

const app = usePosts();

describe("posts.create", () => {
  it("answers the post with its media in order, author and viewer, and publishes it", async () => {
    const alice = await app.user("alice");
    const [first, second] = [
      await uploadImage(app, alice, { isAwaited: false }),
      await uploadImage(app, alice, { isAwaited: false }),
    ];
    const media_ids = [second.id, first.id];
    const post = await app.post(alice, { caption: "Two #Cats", location: "Seoul", media_ids });

    expect(post).toMatchObject({
      user_id: alice.id,
      caption: "Two #Cats",
      location: "Seoul",
      media_ids,
      hashtags: ["cats"],
      mentions: [],
      ...{ like_count: 0, comment_count: 0, view_count: 0 },
      ...{ is_comments_disabled: false, is_hidden: false },
      author: { id: alice.id, username: alice.username },
      viewer: { has_liked: false, has_saved: false },
    });
    expect(post.id).toMatch(/^[0-9a-f]{24}$/);
    expect(post.media.map(({ id }) => id)).toEqual(media_ids);
    expect(post.updated_at).toBe(post.created_at);
    expect(await app.published("post.created")).toEqual([
      { post_id: post.id, user_id: alice.id, created_at: post.created_at, media_ids },
    ]);
    await expect(app.as(alice).call("posts.get", { post_id: post.id })).resolves.toMatchObject({ id: post.id });
  });

  it("finds hashtags and those names that somebody bears, by the longest that exists", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const username = `길동${alice.id}`;
    await app.call("auth.register", { username, email: `gildong${alice.id}@example.com`, password: "a long password" });
    const caption = `#하늘 😀#Sky @${bob.username.toUpperCase()}님 @${username}! @nobody_at_all @${bob.username} ${alice.email}`;
    const post = await app.post(alice, { caption });

    expect(post.hashtags).toEqual(["하늘", "sky"]);
    expect(post.mentions).toEqual([bob.username, username]);
  });

  it("refuses uploads that are foreign, unknown, used or named twice, and then reserves none", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const [mine, his] = [
      await uploadImage(app, alice, { isAwaited: false }),
      await uploadImage(app, bob, { isAwaited: false }),
    ];
    const used = await app.post(alice);

    for (const media_ids of [
      [mine.id, his.id],
      [mine.id, newId()],
      [mine.id, used.media_ids[0]!],
      [mine.id, mine.id],
    ])
      await expect(app.post(alice, { media_ids })).rejects.toMatchObject({ code: 422 });
    await expect(app.post(alice, { media_ids: [mine.id] })).resolves.toMatchObject({ media_ids: [mine.id] });
  });

  it("refuses a body that its contract does not allow", async () => {
    const alice = await app.user("alice");
    for (const draft of [{ media_ids: [] }, { caption: "x".repeat(2201) }, { location: "x".repeat(201) }])
      await expect(app.post(alice, draft)).rejects.toMatchObject({ code: 422, type: "INVALID_INPUT" });
    await expect(app.call("posts.create", { media_ids: [newId()] })).rejects.toMatchObject({ code: 401 });
  });

  it("gives the same post to the same key, however many requests race", async () => {
    const alice = await app.user("alice");
    const media_ids = [(await uploadImage(app, alice, { isAwaited: false })).id];
    const draft = { caption: "once", media_ids, idempotency_key: "key 1" };
    const answers = await Promise.all(Array.from({ length: 20 }, () => app.post(alice, draft)));

    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(await app.published("post.created")).toHaveLength(1);
    await expect(app.post(alice, draft)).resolves.toMatchObject({ id: answers[0]!.id, caption: "once" });
    await expect(app.post(alice, { ...draft, caption: "twice" })).rejects.toMatchObject({
      code: 422,
      type: "IDEMPOTENCY_KEY_REUSED",
    });
    const { items } = await app.as(alice).call("posts.listByUser", { user_id: alice.id });
    expect(items).toHaveLength(1);
  });

  it("keeps the keys of different people and actions apart", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const idempotency_key = "shared";
    const hers = await app.post(alice, { idempotency_key });
    const his = await app.post(bob, { idempotency_key });
    const comment = await app.comment(alice, his, { idempotency_key });
    expect(new Set([hers.id, his.id, comment.id]).size).toBe(3);
  });

  it("lets a key come again with a better body after a refusal", async () => {
    const alice = await app.user("alice");
    const media_ids = [(await uploadImage(app, alice, { isAwaited: false })).id];
    const idempotency_key = "mended";
    await expect(app.post(alice, { media_ids: [newId()], idempotency_key })).rejects.toMatchObject({ code: 422 });
    await expect(app.post(alice, { media_ids, idempotency_key })).resolves.toMatchObject({ media_ids });
  });

  it("is finished by the repeat where the first attempt ended between reserving and storing", async () => {
    const alice = await app.user("alice");
    const media_ids = [(await uploadImage(app, alice, { isAwaited: false })).id];
    const draft = { caption: "again", media_ids, idempotency_key: "crashed" };
    // Storing is what fails, after the uploads were reserved under the post's id.
    const documents = app.documents();
    const transaction = documents.transaction.bind(documents);
    const broken = jest.spyOn(documents, "transaction").mockImplementation((work) =>
      transaction(async (tx) => {
        const insert = jest.spyOn(tx, "insert");
        const result = await work(tx);
        if (insert.mock.calls.some(([collection]) => collection === "posts")) throw new Error("the disk is gone");
        return result;
      }),
    );
    await expect(app.post(alice, draft)).rejects.toThrow();
    broken.mockRestore();

    const post = await app.post(alice, draft);
    expect(post.media_ids).toEqual(media_ids);
    expect((await app.post(alice, draft)).id).toBe(post.id);
  });

  it("makes no new post for the key of one that was deleted", async () => {
    const alice = await app.user("alice");
    const media_ids = [(await uploadImage(app, alice, { isAwaited: false })).id];
    const draft = { media_ids, idempotency_key: "gone" };
    const post = await app.post(alice, draft);
    await app.as(alice).call("posts.delete", { post_id: post.id });
    await expect(app.post(alice, draft)).rejects.toMatchObject({ code: 404, type: "POST_NOT_FOUND" });
  });

  it("counts what was created, where metrics are on", async () => {
    const alice = await app.user("alice");
    const { metrics } = app.service("posts").broker;
    const total = () =>
      (metrics.list({ includes: "posts.created.total" })[0]?.values as { value: number }[] | undefined)?.[0]?.value ??
      0;
    const before = total();
    await app.post(alice);
    expect(total() - before).toBe(metrics.isEnabled() ? 1 : 0);
  });
});
