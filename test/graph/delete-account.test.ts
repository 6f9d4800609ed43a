import { useApp } from "../setup/use-app";
import { countersAndEdges, rowsOf, writeAt } from "./edges";

const app = useApp(["auth", "graph"]);

const traces = (userId: number) =>
  rowsOf(
    app,
    `select 'follows' as in_table from follows where $1 in (follower_id, following_id)
     union all select 'blocks' from blocks where $1 in (owner_id, other_id)
     union all select 'mutes' from mutes where $1 in (user_id, muted_id)`,
    [userId],
  );

describe("the deletion of an account", () => {
  it("takes its edges, requests, blocks and mutes, and leaves everybody's counts right", async () => {
    const [alice, bob, dave, erin] = await app.users("alice", "bob", "dave", "erin");
    const carol = await app.user("carol", { is_private: true });
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    await app.as(dave).call("graph.follow", { user_id: bob.id });
    await app.as(bob).call("graph.follow", { user_id: carol.id });
    await app.as(dave).call("graph.mute", { user_id: bob.id });
    await app.as(bob).call("graph.mute", { user_id: dave.id });
    await app.as(erin).call("graph.block", { user_id: bob.id });
    const before = (await app.call("graph.feedSources", { user_id: alice.id })).following_version;

    await app.as(bob).call("auth.deleteAccount", {});
    const removed = await app.published("follow.removed");

    expect(await traces(bob.id)).toEqual([]);
    expect(removed).toHaveLength(3);
    const after = await app.call("graph.feedSources", { user_id: alice.id });
    expect(after).toEqual({ following_version: before + 1, user_ids: [] });
    const { stored, computed } = await countersAndEdges(app);
    expect(stored).toEqual(computed);
    expect(await app.as(carol).call("graph.listRequests", {})).toEqual({ items: [], next_cursor: null });
    expect((await app.as(erin).call("graph.listBlocks", {})).items).toEqual([]);
    for (const action of ["graph.stats", "graph.follow", "graph.block"] as const)
      await expect(app.as(alice).call(action, { user_id: bob.id })).rejects.toMatchObject({ type: "USER_NOT_FOUND" });
  });

  it("goes through more edges than one page holds", async () => {
    const bob = await app.user("bob");
    const { user_ids } = await app.call("auth.seed", {
      users: Array.from({ length: 230 }, (_, i) => ({
        username: `seeded_${i}`,
        email: `seeded_${i}@example.com`,
        display_name: "",
      })),
      password_hash: "no password at all",
    });
    await app.call("graph.followMany", { edges: user_ids.map((id) => ({ follower_id: id, following_id: bob.id })) });
    await app.call("graph.followMany", { edges: user_ids.map((id) => ({ follower_id: bob.id, following_id: id })) });
    await app.settled();
    expect(await app.call("graph.followerCount", { user_id: bob.id })).toEqual({ follower_count: 230 });
    await app.as(bob).call("auth.deleteAccount", {});

    expect(await app.published("follow.removed")).toHaveLength(460);
    expect(await traces(bob.id)).toEqual([]);
    const { stored, computed } = await countersAndEdges(app);
    expect(stored).toEqual(computed);
  });

  it("lets nothing that comes late bring its counts or its follows back", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.as(bob).call("auth.deleteAccount", {});
    await app.settled();
    await app.broker.call("graph.receive", {
      topic: "post.created",
      group: "graph",
      event: {
        event_id: "f".repeat(24),
        type: "post.created",
        version: 1,
        occurred_at: new Date().toISOString(),
        aggregate_id: "p",
        data: { post_id: "f".repeat(24), user_id: bob.id, created_at: new Date().toISOString(), media_ids: [] },
      },
    });
    // What a follow leaves that found the account before it was deleted, and was stored after.
    const insert = "insert into follows (follower_id, following_id, status) values ($1, $2, 'accepted')";
    await writeAt(app, alice.id, insert, [alice.id, bob.id]);
    const count = "update graph_counts set following_count = following_count + 1 where user_id = $1";
    await writeAt(app, alice.id, count, [alice.id]);
    const graph = app.service<{ sweep(now: Date): Promise<void> }>("graph");
    await graph.sweep(new Date(Date.now() + 61_000));

    expect(await traces(bob.id)).toEqual([]);
    expect(
      await rowsOf(app, "select follower_count, post_count from graph_counts where user_id = $1", [bob.id]),
    ).toEqual([{ follower_count: 0, post_count: 0 }]);
    const { stored, computed } = await countersAndEdges(app);
    expect(stored).toEqual(computed);
    // A token of the deleted account may live on for some minutes.
    await expect(app.as(bob).call("graph.follow", { user_id: alice.id })).rejects.toMatchObject({ code: 404 });
  });
});
