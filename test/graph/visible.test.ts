import type { Database } from "../../mixins/postgres";
import type { GraphMetrics } from "../../services/graph/graph-metrics";
import { type Person, useApp } from "../setup/use-app";

const app = useApp(["auth", "graph"]);
const missing = { code: 404, type: "USER_NOT_FOUND" };

async function seen(viewer: Person | undefined, ...people: { id: number }[]) {
  const params = { user_ids: people.map(({ id }) => id) };
  const { users } = await (viewer ? app.as(viewer) : app).call("graph.visible", params);
  return users.map(({ visibility }) => visibility);
}

async function suspend(user: Person, is_suspended: boolean): Promise<void> {
  const admin = { id: 1, role: "admin" as const };
  await app.as(admin).call("auth.updateAccount", { user_id: user.id, is_suspended });
}

describe("graph.visible", () => {
  it("answers every id, in the order asked", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const carol = await app.user("carol", { is_private: true });
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.as(alice).call("graph.mute", { user_id: bob.id });
    const { users } = await app.as(alice).call("graph.visible", { user_ids: [carol.id, 99, bob.id, alice.id] });
    expect(users).toEqual([
      { user_id: carol.id, visibility: "private", is_following: false, is_muted: false, is_private: true },
      { user_id: 99, visibility: "none", is_following: false, is_muted: false, is_private: false },
      { user_id: bob.id, visibility: "full", is_following: true, is_muted: true, is_private: false },
      { user_id: alice.id, visibility: "full", is_following: false, is_muted: false, is_private: false },
    ]);
    expect((await app.as(alice).call("graph.visible", { user_ids: [] })).users).toEqual([]);
  });

  it("opens a private account to accepted followers and its owner only, and closes it again at once", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const carol = await app.user("carol", { is_private: true });
    expect(await seen(undefined, carol)).toEqual(["private"]);
    expect(await seen(carol, carol)).toEqual(["full"]);
    expect(await seen(alice, carol)).toEqual(["private"]);
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    expect(await seen(alice, carol)).toEqual(["private"]);
    await app.as(carol).call("graph.acceptRequest", { user_id: alice.id });
    expect(await seen(alice, carol)).toEqual(["full"]);
    expect(await seen(bob, carol)).toEqual(["private"]);
    await app.as(carol).call("graph.removeFollower", { user_id: alice.id });
    expect(await seen(alice, carol)).toEqual(["private"]);
  });

  it("sees the change of a relation in the very next answer, also while many ask", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    for (let round = 0; round < 10; round += 1) {
      const reads = Array.from({ length: 10 }, () => seen(bob, alice));
      await app.as(alice).call("graph.block", { user_id: bob.id });
      expect(await seen(bob, alice)).toEqual(["none"]);
      await Promise.all(reads);
      expect(await seen(bob, alice)).toEqual(["none"]);
      await app.as(alice).call("graph.unblock", { user_id: bob.id });
      expect(await seen(bob, alice)).toEqual(["full"]);
    }
  });

  it("hides a suspended account from all but itself, and shows it again with its return", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await suspend(bob, true);
    expect(await seen(alice, bob)).toEqual(["none"]);
    expect(await seen(undefined, bob)).toEqual(["none"]);
    expect(await seen(bob, bob)).toEqual(["full"]);
    await expect(app.as(alice).call("graph.profile", { username: bob.username })).rejects.toMatchObject(missing);
    expect((await app.as(alice).call("graph.listFollowing", { user_id: alice.id })).items).toEqual([]);
    await suspend(bob, false);
    expect(await seen(alice, bob)).toEqual(["full"]);
    expect((await app.as(alice).call("graph.listFollowing", { user_id: alice.id })).items).toHaveLength(1);
  });
});

describe("graph.profile", () => {
  it("shows a public account with its counts", async () => {
    const alice = await app.user("alice");
    const bob = await app.user("bob", { bio: "I take pictures.", display_name: "Bob" });
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.settled();
    expect(await app.as(alice).call("graph.profile", { username: bob.username.toUpperCase() })).toMatchObject({
      id: bob.id,
      display_name: "Bob",
      bio: "I take pictures.",
      follower_count: 1,
      following_count: 0,
      post_count: 0,
    });
    await expect(app.as(alice).call("graph.profile", { username: "nobody_here" })).rejects.toMatchObject(missing);
  });

  it("shows name, avatar and counts of a private account to all, its lists to accepted followers", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const carol = await app.user("carol", { is_private: true, bio: "For friends." });
    await app.as(carol).call("graph.follow", { user_id: bob.id });
    const shown = await app.as(alice).call("graph.profile", { username: carol.username });
    expect(shown).toMatchObject({ id: carol.id, is_private: true, bio: "", website: "", following_count: 1 });
    expect(await app.as(alice).call("graph.stats", { user_id: carol.id })).toEqual({
      follower_count: 0,
      following_count: 1,
    });
    const closed = { code: 403, type: "PRIVATE_ACCOUNT" };
    const user_id = carol.id;
    for (const list of ["graph.listFollowers", "graph.listFollowing", "graph.listMutual"] as const)
      await expect(app.as(alice).call(list, { user_id })).rejects.toMatchObject(closed);

    await app.as(alice).call("graph.follow", { user_id });
    await app.as(carol).call("graph.acceptRequest", { user_id: alice.id });
    expect((await app.as(alice).call("graph.listFollowing", { user_id })).items.map(({ id }) => id)).toEqual([bob.id]);
    const open = await app.as(alice).call("graph.profile", { username: carol.username });
    expect(open.bio).toBe("For friends.");
    expect((await app.as(carol).call("graph.listFollowers", { user_id })).items).toHaveLength(1);
  });
});

describe("graph.me", () => {
  it("shows the viewer's own account with its e-mail and counts", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    const me = await app.as(alice).call("graph.me", {});
    expect(me).toMatchObject({
      id: alice.id,
      email: alice.email,
      following_count: 1,
      follower_count: 0,
      post_count: 0,
    });
  });

  it("counts posts by their events, each once", async () => {
    const alice = await app.user("alice");
    const deliver = (type: string, digit: string) =>
      app.broker.call("graph.receive", {
        topic: type,
        group: "graph",
        event: {
          event_id: digit.repeat(24),
          type,
          version: 1,
          occurred_at: new Date().toISOString(),
          aggregate_id: "p",
          data: { post_id: digit.repeat(24), user_id: alice.id, created_at: new Date().toISOString(), media_ids: [] },
        },
      });
    for (const digit of ["1", "2", "2", "3"]) await deliver("post.created", digit);
    for (const digit of ["4", "4"]) await deliver("post.deleted", digit);
    expect((await app.as(alice).call("graph.me", {})).post_count).toBe(2);
  });
});

describe("graph.relationship", () => {
  it("tells all that stands between two people", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const carol = await app.user("carol", { is_private: true });
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    await app.as(alice).call("graph.mute", { user_id: bob.id });
    expect(await app.as(alice).call("graph.relationship", { user_id: bob.id })).toEqual({
      user_id: bob.id,
      is_following: true,
      is_followed_by: true,
      is_mutual: true,
      is_requested: false,
      is_blocking: false,
      is_muting: true,
    });
    expect(await app.as(alice).call("graph.relationship", { user_id: carol.id })).toMatchObject({
      is_following: false,
      is_requested: true,
    });
    await expect(app.as(alice).call("graph.relationship", { user_id: 1234 })).rejects.toMatchObject(missing);
  });
});

describe("the metrics of the graph", () => {
  function figure(name: string, labels: Record<string, unknown> = {}): number {
    const { metrics } = app.service("graph").broker;
    return (metrics.getMetric(name)?.get(labels) as { value: number } | null)?.value ?? 0;
  }

  it("tell follows, unfollows, how often the cache knew, and how followers are distributed", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const [follows, unfollows] = [figure("graph.follows"), figure("graph.unfollows")];
    await Promise.all([1, 2, 3].map(() => app.as(alice).call("graph.follow", { user_id: bob.id })));
    await app.as(alice).call("graph.unfollow", { user_id: bob.id });
    await app.settled();
    expect([figure("graph.follows"), figure("graph.unfollows")]).toEqual([follows + 1, unfollows + 1]);

    const hits = () => figure("graph.cache.requests", { result: "hit" });
    const misses = () => figure("graph.cache.requests", { result: "miss" });
    const before = [hits(), misses()];
    await seen(alice, bob);
    await seen(alice, bob);
    expect([hits(), misses()]).toEqual([before[0]! + 1, before[1]! + 1]);

    const { figures, sql } = app.service<{ figures: GraphMetrics; sql: Database }>("graph");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.settled();
    await figures.measureFollowers(sql, true);
    expect(figure("graph.accounts.by_followers", { at_least: 1 })).toBeGreaterThan(0);
    expect(figure("graph.accounts.by_followers", { at_least: 10 })).toBe(0);
  });
});
