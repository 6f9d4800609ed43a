import { type Answer, useGateway } from "../setup/http-client";

const ids = (items: { id: string }[]) => items.map(({ id }) => id);

describe("following", () => {
  const gateway = useGateway();

  it("is seen by the very next feed read, and so is its end", async () => {
    const [alice, bob] = await gateway.people3();
    const post = await alice.posted("here already");

    expect((await bob.post(`/graph/follow/${alice.user.id}`)).body).toEqual({ status: "accepted" });
    expect(ids((await bob.get("/feed")).body.items)).toEqual([post.id]);
    expect((await bob.delete(`/graph/follow/${alice.user.id}`)).body).toEqual({ status: "none" });
    expect((await bob.get("/feed")).body.items).toEqual([]);
  });

  it("brings new posts into the feed, newest first, and takes deleted ones out", async () => {
    const [alice, bob, carol] = await gateway.people3();
    await carol.post(`/graph/follow/${alice.user.id}`);
    await carol.post(`/graph/follow/${bob.user.id}`);
    expect((await carol.get("/feed")).body).toEqual({ items: [], next_cursor: null });
    const posts = [await alice.posted("1"), await bob.posted("2"), await alice.posted("3")];
    await gateway.settled();

    expect(ids((await carol.get("/feed")).body.items)).toEqual([posts[2].id, posts[1].id, posts[0].id]);
    await bob.delete(`/posts/${posts[1].id}`);
    expect(ids((await carol.get("/feed")).body.items)).toEqual([posts[2].id, posts[0].id]);
    expect((await carol.get("/feed?limit=1")).body.next_cursor).not.toBeNull();
    expect((await carol.get("/feed/metadata")).body).toMatchObject({ user_id: carol.user.id });
    expect((await carol.post("/feed/rebuild")).body).toMatchObject({ total_items: 2, is_stale: false });
  });

  it("asks first where the account is private, which shows name, avatar and counts alone", async () => {
    const [alice, bob] = await gateway.people3();
    await alice.patch("/users/me", { is_private: true, bio: "mine alone" });
    const post = await alice.posted("for friends");
    await gateway.settled();

    expect((await bob.post(`/graph/follow/${alice.user.id}`)).body).toEqual({ status: "pending" });
    expect((await bob.get(`/users/${alice.user.username}`)).body).toMatchObject({
      is_private: true,
      bio: "",
      post_count: 1,
    });
    const list = await bob.get(`/posts?user_id=${alice.user.id}`);
    expect({ status: list.status, type: list.body.error?.type }).toEqual({ status: 403, type: "PRIVATE_ACCOUNT" });
    expect((await bob.get(`/graph/followers/${alice.user.id}`)).body.error.type).toBe("PRIVATE_ACCOUNT");
    expect((await bob.get(`/posts/${post.id}`)).status).toBe(404);
    expect((await bob.get(`/media/${post.media_ids[0]}`)).status).toBe(404);
    expect((await bob.get(`/graph/relationship/${alice.user.id}`)).body).toMatchObject({
      is_requested: true,
      is_following: false,
    });

    const { body: requests } = await alice.get("/graph/requests");
    expect(requests.items.map(({ user }: { user: { id: number } }) => user.id)).toEqual([bob.user.id]);
    expect((await alice.post(`/graph/requests/${bob.user.id}/accept`)).status).toBe(204);
    expect(ids((await bob.get("/feed")).body.items)).toEqual([post.id]);
    expect((await bob.get(`/media/${post.media_ids[0]}`)).status).toBe(200);
    await gateway.settled();
    expect((await alice.get(`/graph/stats/${alice.user.id}`)).body).toEqual({ follower_count: 1, following_count: 0 });

    expect((await alice.delete(`/graph/followers/${bob.user.id}`)).status).toBe(204);
    expect((await bob.get("/feed")).body.items).toEqual([]);
  });

  it("is granted to all who asked when the account becomes public", async () => {
    const [alice, bob] = await gateway.people3();
    await alice.patch("/users/me", { is_private: true });
    await bob.post(`/graph/follow/${alice.user.id}`);
    await alice.patch("/users/me", { is_private: false });
    await gateway.settled();
    expect((await bob.get(`/graph/relationship/${alice.user.id}`)).body).toMatchObject({
      is_following: true,
      is_requested: false,
    });
  });

  it("lists both sides, and tells who is mutual", async () => {
    const [alice, bob, carol] = await gateway.people3();
    for (const [a, b] of [
      [alice, bob],
      [bob, alice],
      [alice, carol],
      [carol, bob],
    ] as const)
      await a.post(`/graph/follow/${b.user.id}`);
    await gateway.settled();

    expect(ids((await carol.get(`/graph/following/${alice.user.id}`)).body.items)).toEqual([
      carol.user.id,
      bob.user.id,
    ]);
    expect(ids((await carol.get(`/graph/followers/${bob.user.id}`)).body.items)).toEqual([
      carol.user.id,
      alice.user.id,
    ]);
    expect((await alice.get(`/graph/relationship/${bob.user.id}`)).body).toMatchObject({ is_mutual: true });
    expect((await alice.get(`/graph/mutual/${bob.user.id}`)).body).toMatchObject({
      is_mutual: true,
      items: [{ id: carol.user.id }],
    });
    const { body: suggestions } = await bob.get("/graph/suggestions");
    expect(suggestions.items[0]).toMatchObject({ user: { id: carol.user.id }, mutual_count: 1 });
  });
});

describe("a block", () => {
  const gateway = useGateway();

  it("makes each vanish for the other, save in the blocker's own lists", async () => {
    const [alice, bob] = await gateway.people3();
    await alice.post(`/graph/follow/${bob.user.id}`);
    await bob.post(`/graph/follow/${alice.user.id}`);
    const post = await alice.posted("hers");
    const bobs = await bob.posted("his");

    expect((await alice.post(`/graph/block/${bob.user.id}`)).status).toBe(204);
    for (const [viewer, other, theirs] of [
      [bob, alice, post],
      [alice, bob, bobs],
    ] as const) {
      expect((await viewer.get(`/users/${other.user.username}`)).status).toBe(404);
      expect((await viewer.get(`/posts/${theirs.id}`)).status).toBe(404);
      expect((await viewer.post(`/posts/${theirs.id}/like`)).status).toBe(404);
      expect((await viewer.get(`/posts?user_id=${other.user.id}`)).status).toBe(404);
      expect((await viewer.get("/feed")).body.items).toEqual([]);
      expect((await viewer.get(`/users?q=${other.user.username}`)).body.items).toEqual([]);
    }
    expect((await bob.post(`/graph/follow/${alice.user.id}`)).status).toBe(404);
    expect((await bob.get(`/graph/relationship/${alice.user.id}`)).status).toBe(404);
    expect((await alice.get(`/graph/relationship/${bob.user.id}`)).body).toMatchObject({
      is_blocking: true,
      is_following: false,
    });
    expect(ids((await alice.get("/graph/blocks")).body.items)).toEqual([bob.user.id]);

    expect((await alice.delete(`/graph/block/${bob.user.id}`)).status).toBe(204);
    expect((await bob.get(`/users/${alice.user.username}`)).status).toBe(200);
    expect((await alice.get("/feed")).body.items).toEqual([]);
    await gateway.settled();
    expect((await alice.get("/users/me")).body).toMatchObject({ follower_count: 0, following_count: 0 });
  });
});

describe("a feed", () => {
  const gateway = useGateway({ INFLUENCER_FOLLOWERS: "2" });

  it("leaves out what its viewer mutes or hides, and takes it back", async () => {
    const [alice, bob] = await gateway.people3();
    await bob.post(`/graph/follow/${alice.user.id}`);
    const [first, second] = [await alice.posted("1"), await alice.posted("2")];
    await gateway.settled();

    expect((await bob.post(`/posts/${second.id}/hide`)).status).toBe(204);
    expect(ids((await bob.get("/feed")).body.items)).toEqual([first.id]);
    expect((await bob.delete(`/posts/${second.id}/hide`)).status).toBe(204);
    expect(ids((await bob.get("/feed")).body.items)).toEqual([second.id, first.id]);
    expect((await bob.post(`/graph/mute/${alice.user.id}`)).status).toBe(204);
    expect((await bob.get("/feed")).body.items).toEqual([]);
    expect(ids((await bob.get("/graph/mutes")).body.items)).toEqual([alice.user.id]);
    expect((await bob.delete(`/graph/mute/${alice.user.id}`)).status).toBe(204);
    expect(ids((await bob.get("/feed")).body.items)).toEqual([second.id, first.id]);
  });

  it("is the same by the fast way to its newest page as by the way of every route, and so is what is wrong", async () => {
    const [alice, bob] = await gateway.people3();
    await bob.post(`/graph/follow/${alice.user.id}`);
    await alice.posted("1");
    await alice.posted("2");
    await gateway.settled();
    // A request from a page of a browser is none for the fast way.
    const slowly = { headers: { origin: "https://example.org" } };
    const told = ({ status, body, headers }: Answer) => ({
      ...{ status, body: body.error ? { ...body.error, request_id: undefined } : body },
      headers: [...headers].filter(([name]) => !["date", "x-request-id", "keep-alive"].includes(name)),
    });
    for (const path of ["/feed", "/feed?limit=1", "/feed?limit=100", "/feed?limit=0", "/feed?limit=101", "/feed?"]) {
      const [fast, slow] = [await bob.get(path), await bob.get(path, slowly)];
      expect({ path, ...told(fast) }).toEqual({ path, ...told(slow) });
      expect(fast.headers.get("x-request-id")).not.toBe(slow.headers.get("x-request-id"));
    }
    const named = { headers: { "x-request-id": "0123456789abcdef" } };
    expect((await bob.get("/feed", named)).headers.get("x-request-id")).toBe("0123456789abcdef");

    expect((await bob.post("/auth/logout")).status).toBe(204);
    const [fast, slow] = [await bob.get("/feed"), await bob.get("/feed", slowly)];
    expect(told(fast)).toEqual(told(slow));
  });

  it("merges an influencer's posts with everyone's under one cursor, each exactly once", async () => {
    const [star, friend, reader] = await gateway.people3();
    const fan = await gateway.person("fan");
    for (const who of [reader, fan]) await who.post(`/graph/follow/${star.user.id}`);
    await reader.post(`/graph/follow/${friend.user.id}`);
    await gateway.settled();
    const posted: string[] = [];
    for (let i = 0; i < 6; i += 1) posted.unshift((await (i % 2 === 0 ? star : friend).posted(`post ${i}`)).id);
    await gateway.settled();

    const walked: string[] = [];
    let cursor = "";
    do {
      const { body } = await reader.get(`/feed?limit=2${cursor}`);
      walked.push(...ids(body.items));
      cursor = body.next_cursor === null ? "" : `&cursor=${body.next_cursor}`;
      await star.posted("meanwhile");
    } while (cursor !== "");
    expect(walked).toEqual(posted);
  });
});
