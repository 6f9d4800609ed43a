import { type Json, useGateway } from "../setup/http-client";

describe("moderators and admins", () => {
  const gateway = useGateway();

  it("see which nodes and services there are, and how they are", async () => {
    const [alice, bob] = await gateway.people3();
    await gateway.app.call("auth.grantRole", { username: alice.user.username, role: "moderator" });

    const { body: nodes } = await alice.get("/discovery/nodes");
    const local = nodes.items.filter(({ is_local }: Json) => is_local);
    expect(local).toEqual([expect.objectContaining({ is_available: true })]);
    const { body: services } = await alice.get("/discovery/services");
    expect(services.items.map(({ name }: Json) => name)).toEqual(expect.arrayContaining(["auth", "graph", "newsfeed"]));
    expect((await alice.get("/discovery/health")).body).toMatchObject({
      is_healthy: true,
      nodes: nodes.items.length,
    });
    for (const path of ["/discovery/nodes", "/discovery/services", "/discovery/health", "/admin/users"]) {
      expect((await bob.get(path)).status).toBe(403);
    }
  });

  it("list accounts, and admins alone change them", async () => {
    const [alice, bob, carol] = await gateway.people3();
    await gateway.app.call("auth.grantRole", { username: alice.user.username, role: "admin" });

    const { body: found } = await alice.get(`/admin/users?q=${bob.user.username}`);
    expect(found.items).toHaveLength(1);
    expect(found.items[0]).toMatchObject({ id: bob.user.id, email: bob.user.email, role: "user" });
    expect((await alice.patch(`/admin/users/${bob.user.id}`, { role: "moderator" })).body.role).toBe("moderator");
    expect((await bob.get("/admin/users")).status).toBe(200);
    expect((await bob.patch(`/admin/users/${carol.user.id}`, { is_suspended: true })).status).toBe(403);
  });

  it("delete a comment that is neither theirs nor on their post", async () => {
    const [alice, bob, carol] = await gateway.people3();
    await gateway.app.call("auth.grantRole", { username: carol.user.username, role: "moderator" });
    const post = await alice.posted("speak");
    const { body: comment } = await bob.post(`/posts/${post.id}/comments`, { text: "rude" });
    expect((await carol.delete(`/posts/${post.id}/comments/${comment.id}`)).status).toBe(204);
    expect((await alice.get(`/posts/${post.id}/comments`)).body.items).toEqual([]);
  });
});

describe("what can be taken back", () => {
  const gateway = useGateway();

  it("is a request that is turned down, a like of a comment, and every session at once", async () => {
    const [alice, bob] = await gateway.people3();
    await alice.patch("/users/me", { is_private: true });
    await bob.post(`/graph/follow/${alice.user.id}`);
    expect((await alice.post(`/graph/requests/${bob.user.id}/reject`)).status).toBe(204);
    expect((await alice.get("/graph/requests")).body.items).toEqual([]);
    expect((await bob.get(`/graph/relationship/${alice.user.id}`)).body.is_requested).toBe(false);

    const post = await bob.posted("likeable");
    const { body: comment } = await bob.post(`/posts/${post.id}/comments`, { text: "mine" });
    await alice.post(`/comments/${comment.id}/like`);
    expect((await alice.delete(`/comments/${comment.id}/like`)).body).toEqual({ has_liked: false, like_count: 0 });

    expect((await alice.post("/auth/logout-all")).status).toBe(204);
    expect((await alice.get("/users/me")).status).toBe(401);
    expect((await gateway.stranger().post("/auth/refresh", { refresh_token: alice.refreshToken })).status).toBe(401);
  });
});
