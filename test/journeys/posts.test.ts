import { picture, useGateway } from "../setup/http-client";

const ids = (items: { id: string }[]) => items.map(({ id }) => id);

describe("a post", () => {
  const gateway = useGateway();

  it("is published with its media while these are still being made, and shows who wrote it", async () => {
    const alice = await gateway.person("alice");
    const { body: media } = await alice.upload(await picture(), { alt_text: "one colour" });

    const { status, body } = await alice.post("/posts", {
      caption: "Hello #World #안녕 #مرحبا 🎉#party @nobody_there",
      media_ids: [media.id],
      location: "Seoul",
    });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      user_id: alice.user.id,
      hashtags: ["world", "안녕", "مرحبا", "party"],
      mentions: [],
      location: "Seoul",
      like_count: 0,
      comment_count: 0,
      view_count: 0,
      is_comments_disabled: false,
      is_hidden: false,
      author: { id: alice.user.id, username: alice.user.username },
      viewer: { has_liked: false, has_saved: false },
    });
    expect(body.media).toHaveLength(1);
    expect(body.media[0]).toMatchObject({ id: media.id, alt_text: "one colour" });
    expect((await alice.get(`/posts/${body.id}`)).body.id).toBe(body.id);
  });

  it("mentions the people who exist", async () => {
    const [alice, bob] = await gateway.people3();
    const post = await alice.posted(
      `with @${bob.user.username.toUpperCase()}님 and @nobody_at_all, mail me@example.com`,
    );
    expect(post.mentions).toEqual([bob.user.username]);
  });

  it("is the same for the same key, however often and however close together it is sent", async () => {
    const alice = await gateway.person("alice");
    const { body: media } = await alice.upload(await picture());
    const send = (caption: string) =>
      alice.post("/posts", { caption, media_ids: [media.id] }, { headers: { "idempotency-key": "key-1" } });

    const answers = await Promise.all(Array.from({ length: 10 }, () => send("once")));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect((await send("twice")).body.error).toMatchObject({ type: "IDEMPOTENCY_KEY_REUSED" });
    expect((await alice.get(`/posts?user_id=${alice.user.id}`)).body.items).toHaveLength(1);
  });

  it("refuses media that is another's, used already, unknown, or named twice", async () => {
    const [alice, bob] = await gateway.people3();
    const { body: bobs } = await bob.upload(await picture());
    const used = (await alice.posted("first")).media_ids[0];
    const { body: mine } = await alice.upload(await picture());

    for (const media_ids of [[bobs.id], [used], ["0123456789abcdef01234567"], [mine.id, mine.id], []]) {
      expect((await alice.post("/posts", { media_ids })).status).toBe(422);
    }
    expect((await alice.post("/posts", { media_ids: [mine.id] })).status).toBe(201);
  });

  it("counts fifty simultaneous likes of one person once, and of fifty people fifty times", async () => {
    const [alice, bob] = await gateway.people3();
    const post = await alice.posted("likeable");

    const answers = await Promise.all(Array.from({ length: 50 }, () => bob.post(`/posts/${post.id}/like`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.like_count))).toEqual(new Set([1]));
    const people = await Promise.all(Array.from({ length: 20 }, () => gateway.person("fan")));
    await Promise.all(people.map((fan) => fan.post(`/posts/${post.id}/like`)));
    await Promise.all(people.slice(0, 5).map((fan) => fan.delete(`/posts/${post.id}/like`)));

    expect((await bob.get(`/posts/${post.id}`)).body).toMatchObject({ like_count: 16, viewer: { has_liked: true } });
    expect((await bob.get(`/posts/${post.id}/likes?limit=100`)).body.items).toHaveLength(16);
    expect((await bob.delete(`/posts/${post.id}/like`)).body).toEqual({ has_liked: false, like_count: 15 });
  });

  it("is commented on, answered once more, and counted", async () => {
    const [alice, bob, carol] = await gateway.people3();
    const post = await alice.posted("speak");
    const first = await bob.post(`/posts/${post.id}/comments`, { text: "first" });
    expect(first.status).toBe(201);
    const reply = await carol.post(`/posts/${post.id}/comments`, { text: "reply", parent_id: first.body.id });
    expect(reply.body).toMatchObject({ parent_id: first.body.id, author: { id: carol.user.id } });
    expect((await bob.post(`/posts/${post.id}/comments`, { text: "deeper", parent_id: reply.body.id })).status).toBe(
      422,
    );
    expect((await alice.post(`/comments/${first.body.id}/like`)).body).toEqual({ has_liked: true, like_count: 1 });
    expect((await alice.get(`/posts/${post.id}/stats`)).body).toMatchObject({ comment_count: 2 });

    expect((await carol.delete(`/posts/${post.id}/comments/${first.body.id}`)).status).toBe(403);
    expect((await alice.delete(`/posts/${post.id}/comments/${first.body.id}`)).status).toBe(204);
    expect((await alice.get(`/posts/${post.id}/stats`)).body).toMatchObject({ comment_count: 0 });
    expect((await alice.get(`/posts/${post.id}/comments`)).body.items).toEqual([]);
  });

  it("takes no comments where its author wants none", async () => {
    const [alice, bob] = await gateway.people3();
    const post = await alice.posted("quiet", { is_comments_disabled: true });
    const { status, body } = await bob.post(`/posts/${post.id}/comments`, { text: "but" });
    expect({ status, type: body.error.type }).toEqual({ status: 403, type: "COMMENTS_DISABLED" });
  });

  it("is changed, archived, shown again and deleted by its author alone", async () => {
    const [alice, bob] = await gateway.people3();
    const post = await alice.posted("before #one");
    expect((await bob.patch(`/posts/${post.id}`, { caption: "hers" })).status).toBe(403);
    expect((await alice.patch(`/posts/${post.id}`, { caption: "after #two" })).body).toMatchObject({
      hashtags: ["two"],
    });
    expect((await bob.get("/posts?hashtag=one")).body.items).toEqual([]);
    expect(ids((await bob.get("/posts?hashtag=TWO")).body.items)).toEqual([post.id]);

    expect((await alice.post(`/posts/${post.id}/archive`)).body.is_hidden).toBe(true);
    expect((await bob.get(`/posts/${post.id}`)).status).toBe(404);
    expect((await bob.get(`/posts?user_id=${alice.user.id}`)).body.items).toEqual([]);
    expect(ids((await alice.get(`/posts?user_id=${alice.user.id}`)).body.items)).toEqual([post.id]);
    expect((await alice.delete(`/posts/${post.id}/archive`)).status).toBe(204);
    expect((await bob.get(`/posts/${post.id}`)).status).toBe(200);

    expect((await bob.delete(`/posts/${post.id}`)).status).toBe(403);
    expect((await alice.delete(`/posts/${post.id}`)).status).toBe(204);
    expect((await alice.get(`/posts/${post.id}`)).status).toBe(404);
  });

  it("is saved for later, viewed and counted once a viewer", async () => {
    const [alice, bob] = await gateway.people3();
    const [first, second] = [await alice.posted("first"), await alice.posted("second")];
    for (const { id } of [first, second]) expect((await bob.post(`/posts/${id}/save`)).status).toBe(204);
    expect(ids((await bob.get("/saved")).body.items)).toEqual([second.id, first.id]);
    expect((await bob.get("/saved")).body.items[0].viewer.has_saved).toBe(true);
    expect((await bob.delete(`/posts/${second.id}/save`)).status).toBe(204);
    expect(ids((await bob.get("/saved")).body.items)).toEqual([first.id]);

    for (let i = 0; i < 3; i += 1) await bob.post(`/posts/${first.id}/view`);
    expect((await bob.get(`/posts/${first.id}/stats`)).body.view_count).toBe(1);
  });

  it("lists by cursor without a hole or a repeat while posts arrive", async () => {
    const alice = await gateway.person("alice");
    const posted: string[] = [];
    for (let i = 0; i < 7; i += 1) posted.unshift((await alice.posted(`post ${i}`)).id);
    const walked: string[] = [];
    let cursor = "";
    do {
      const { body } = await alice.get(`/posts?user_id=${alice.user.id}&limit=3${cursor}`);
      walked.push(...ids(body.items));
      cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
      await alice.posted("meanwhile");
    } while (cursor !== "");
    expect(walked).toEqual(posted);
  });

  it("comes by id in the order asked, without those that may not be seen", async () => {
    const [alice, bob, carol] = await gateway.people3();
    const [a, b] = [await alice.posted("a"), await bob.posted("b")];
    await bob.patch("/users/me", { is_private: true });
    await gateway.settled();
    expect(ids((await carol.get(`/posts?ids=${b.id},${a.id}`)).body.items)).toEqual([a.id]);
    expect(ids((await bob.get(`/posts?ids=${b.id},${a.id}`)).body.items)).toEqual([b.id, a.id]);
  });
});
