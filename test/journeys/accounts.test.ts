import { picture, useGateway } from "../setup/http-client";

describe("an account", () => {
  const gateway = useGateway();

  it("is opened, and answers with both tokens and no secret", async () => {
    const { status, body } = await gateway.stranger().post("/auth/register", {
      username: "Alice.Liddell",
      email: "Alice@Example.com",
      password: "down the rabbit hole",
      display_name: "Alice",
    });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      token_type: "Bearer",
      expires_in: 900,
      user: { username: "Alice.Liddell", display_name: "Alice", role: "user" },
    });
    expect(JSON.stringify(body)).not.toMatch(/hash|\$2b\$/);
  });

  it("takes a name once, whatever its case, however many ask at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        gateway.stranger().post("/auth/register", {
          username: i % 2 === 0 ? "same_name" : "SAME_NAME",
          email: `same${i}@example.com`,
          password: "a password of mine",
        }),
      ),
    );

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(49);
    expect(answers.find(({ status }) => status === 409)!.body.error.type).toBe("USERNAME_TAKEN");
  });

  it("is entered by name or by e-mail, and with one answer to a wrong password and an unknown name", async () => {
    const alice = await gateway.person("alice");
    const { username, email } = alice.user;
    const stranger = gateway.stranger();

    expect(
      (await stranger.post("/auth/login", { username: username.toUpperCase(), password: alice.password })).status,
    ).toBe(200);
    expect((await stranger.post("/auth/login", { email, password: alice.password })).status).toBe(200);
    const wrong = await stranger.post("/auth/login", { username, password: "not the password" });
    const unknown = await stranger.post("/auth/login", { username: "nobody_at_all", password: "not the password" });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.body.error.type).toBe(unknown.body.error.type);
    expect(wrong.body.error.message).toBe(unknown.body.error.message);
  });

  it("changes a refresh token for another, and loses all that came from one that is used twice", async () => {
    const alice = await gateway.person("alice");
    const refresh = (refresh_token: string) => gateway.stranger().post("/auth/refresh", { refresh_token });

    const first = await refresh(alice.refreshToken!);
    expect(first.status).toBe(200);
    expect(first.body.refresh_token).not.toBe(alice.refreshToken);
    expect((await refresh(alice.refreshToken!)).status).toBe(401);
    expect((await refresh(first.body.refresh_token)).status).toBe(401);
  });

  it("ends a session at once, here and from the list", async () => {
    const alice = await gateway.person("alice");
    const { body: other } = await gateway
      .stranger()
      .post("/auth/login", { username: alice.user.username, password: alice.password });
    const phone = gateway.stranger();
    phone.accessToken = other.access_token;

    const { body: sessions } = await alice.get("/auth/sessions");
    expect(sessions.items).toHaveLength(2);
    const elsewhere = sessions.items.find((session: { is_current: boolean }) => !session.is_current);
    expect((await alice.delete(`/auth/sessions/${elsewhere.id}`)).status).toBe(204);
    expect((await phone.get("/users/me")).status).toBe(401);
    expect((await alice.post("/auth/logout")).status).toBe(204);
    expect((await alice.get("/users/me")).status).toBe(401);
  });

  it("takes a new password, which ends every other session", async () => {
    const alice = await gateway.person("alice");
    const { body: other } = await gateway
      .stranger()
      .post("/auth/login", { username: alice.user.username, password: alice.password });
    const phone = gateway.stranger();
    phone.accessToken = other.access_token;

    expect(
      (await alice.post("/auth/password", { current_password: "wrong", new_password: "another password" })).status,
    ).toBe(401);
    expect(
      (await alice.post("/auth/password", { current_password: alice.password, new_password: "another password" }))
        .status,
    ).toBe(204);
    expect((await phone.get("/users/me")).status).toBe(401);
    expect((await alice.get("/users/me")).status).toBe(200);
    expect(
      (await gateway.stranger().post("/auth/login", { username: alice.user.username, password: "another password" }))
        .status,
    ).toBe(200);
  });

  it("tells other systems whether a token is good", async () => {
    const alice = await gateway.person("alice");

    const good = await gateway.stranger().post("/auth/validate", { token: alice.accessToken });
    expect(good.body).toMatchObject({ active: true, user_id: alice.user.id, role: "user" });
    const bad = await gateway.stranger().post("/auth/validate", { token: `${alice.accessToken}x` });
    expect(bad).toMatchObject({ status: 200, body: { active: false, user_id: null, role: null, expires_at: null } });
  });

  it("changes its profile, and says what it does not understand", async () => {
    const alice = await gateway.person("alice");

    const changed = await alice.patch("/users/me", {
      display_name: "Alice L.",
      bio: "curiouser",
      website: "https://example.com/alice",
    });
    expect(changed.body).toMatchObject({
      display_name: "Alice L.",
      bio: "curiouser",
      follower_count: 0,
      post_count: 0,
    });
    const refused = await alice.patch("/users/me", { website: "javascript:alert(1)", is_admin: true });
    expect(refused.status).toBe(422);
    expect(refused.body.error.details.fields.map(({ field }: { field: string }) => field).sort()).toEqual([
      "is_admin",
      "website",
    ]);
  });

  it("shows an avatar to everyone, even of a private account", async () => {
    const alice = await gateway.person("alice", { is_private: true });
    const media = await alice.uploaded(await picture());

    const { status, body } = await alice.patch("/users/me", { avatar_media_id: media.id });
    expect(status).toBe(200);
    const bob = await gateway.person("bob");
    const { body: seen } = await bob.get(`/users/${alice.user.username}`);
    expect(seen.avatar).toEqual(body.avatar);
    const bytes = await fetch(gateway.url() + seen.avatar[0].url);
    expect(bytes.status).toBe(200);
    expect(bytes.headers.get("cache-control")).toContain("immutable");
  });

  it("is deleted whole: only its name stays taken", async () => {
    const [alice, bob] = await gateway.people3();
    const post = await alice.posted("soon gone #vanishing");
    await bob.post(`/graph/follow/${alice.user.id}`);
    await alice.post(`/graph/follow/${bob.user.id}`);
    const bobs = await bob.posted("stays");
    await alice.post(`/posts/${bobs.id}/like`);
    await alice.post(`/posts/${bobs.id}/comments`, { text: "mine" });
    await gateway.settled();

    expect((await alice.delete("/users/me")).status).toBe(204);
    await gateway.settled();

    expect((await alice.get("/users/me")).status).toBe(401);
    expect((await bob.get(`/users/${alice.user.username}`)).status).toBe(404);
    expect((await bob.get(`/posts/${post.id}`)).status).toBe(404);
    expect((await bob.get("/posts?hashtag=vanishing")).body.items).toEqual([]);
    expect((await bob.get("/feed")).body.items).toEqual([]);
    expect((await bob.get(`/posts/${bobs.id}/stats`)).body).toMatchObject({ like_count: 0, comment_count: 0 });
    expect((await bob.get("/users/me")).body).toMatchObject({ follower_count: 0, following_count: 0 });
    const again = { username: alice.user.username, email: alice.user.email, password: "a new password" };
    expect((await gateway.stranger().post("/auth/register", again)).body.error.type).toBe("USERNAME_TAKEN");
    expect((await gateway.stranger().post("/auth/register", { ...again, username: `${again.username}2` })).status).toBe(
      201,
    );
  });

  it("is suspended by an admin: hidden as if deleted, and returns with all it had", async () => {
    const [alice, bob, carol] = await gateway.people3();
    await gateway.app.call("auth.grantRole", { username: carol.user.username, role: "admin" });
    await bob.post(`/graph/follow/${alice.user.id}`);
    const post = await alice.posted("here");
    await gateway.settled();

    expect((await bob.patch(`/admin/users/${alice.user.id}`, { is_suspended: true })).status).toBe(403);
    expect((await carol.patch(`/admin/users/${alice.user.id}`, { is_suspended: true })).status).toBe(200);
    await gateway.settled();
    expect((await bob.get(`/posts/${post.id}`)).status).toBe(404);
    expect((await bob.get("/feed")).body.items).toEqual([]);
    expect((await bob.get(`/users/${alice.user.username}`)).status).toBe(404);
    expect((await alice.get("/users/me")).body.error.type).toBe("ACCOUNT_SUSPENDED");

    await carol.patch(`/admin/users/${alice.user.id}`, { is_suspended: false });
    await gateway.settled();
    expect((await bob.get(`/posts/${post.id}`)).status).toBe(200);
    expect((await bob.get("/feed")).body.items.map(({ id }: { id: string }) => id)).toEqual([post.id]);
  });
});
