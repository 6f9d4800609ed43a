import { useApp } from "../setup/use-app";
import { countersAndEdges, halvesOfBlocks, rowsOf, writeAt } from "./edges";

const app = useApp(["auth", "graph"]);
const missing = { code: 404, type: "USER_NOT_FOUND" };

async function version(user: { id: number }): Promise<number> {
  return (await app.call("graph.followingVersion", { user_id: user.id })).following_version;
}

describe("graph.block", () => {
  it("ends follows both ways at once, with their events, counters and versions", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    const before = [await version(alice), await version(bob)];
    await app.as(alice).call("graph.block", { user_id: bob.id });

    expect(await version(alice)).toBeGreaterThan(before[0]!);
    expect(await version(bob)).toBeGreaterThan(before[1]!);
    expect((await app.call("graph.feedSources", { user_id: alice.id })).user_ids).toEqual([]);
    expect((await app.call("graph.feedSources", { user_id: bob.id })).user_ids).toEqual([]);
    expect(await app.published("block.created")).toEqual([{ user_id: alice.id, blocked_id: bob.id }]);
    expect(await app.published("follow.removed")).toHaveLength(2);
    const { stored, computed } = await countersAndEdges(app);
    expect(stored).toEqual(computed);
  });

  it("makes each a missing account for the other, in every action", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.as(bob).call("graph.listFollowers", { user_id: alice.id });
    await app.as(alice).call("graph.block", { user_id: bob.id });

    for (const [viewer, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const as = app.as(viewer);
      const user_id = other.id;
      await expect(as.call("graph.profile", { username: other.username })).rejects.toMatchObject(missing);
      await expect(as.call("graph.stats", { user_id })).rejects.toMatchObject(missing);
      await expect(as.call("graph.listFollowers", { user_id })).rejects.toMatchObject(missing);
      await expect(as.call("graph.listFollowing", { user_id })).rejects.toMatchObject(missing);
      await expect(as.call("graph.listMutual", { user_id })).rejects.toMatchObject(missing);
      await expect(as.call("graph.follow", { user_id })).rejects.toMatchObject(missing);
      await expect(as.call("graph.unfollow", { user_id })).rejects.toMatchObject(missing);
      await expect(as.call("graph.mute", { user_id })).rejects.toMatchObject(missing);
      await expect(as.call("graph.removeFollower", { user_id })).rejects.toMatchObject(missing);
      const { users } = await as.call("graph.visible", { user_ids: [user_id] });
      expect(users[0]).toMatchObject({ visibility: "none", is_following: false });
      expect((await as.call("graph.search", { q: other.username })).items).toEqual([]);
    }
  });

  it("shows the blocker, and nobody else, what stands", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.block", { user_id: bob.id });

    const relation = await app.as(alice).call("graph.relationship", { user_id: bob.id });
    expect(relation).toMatchObject({ is_blocking: true, is_following: false });
    await expect(app.as(bob).call("graph.relationship", { user_id: alice.id })).rejects.toMatchObject(missing);
    expect((await app.as(alice).call("graph.listBlocks", {})).items.map(({ id }) => id)).toEqual([bob.id]);
    expect((await app.as(bob).call("graph.listBlocks", {})).items).toEqual([]);
    await expect(app.as(bob).call("graph.block", { user_id: alice.id })).rejects.toMatchObject(missing);
    await expect(app.as(bob).call("graph.unblock", { user_id: alice.id })).rejects.toMatchObject(missing);
  });

  it("refuses oneself, and bears repeats", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await expect(app.as(alice).call("graph.block", { user_id: alice.id })).rejects.toMatchObject({
      code: 422,
      type: "SELF_BLOCK",
    });
    await Promise.all(Array.from({ length: 20 }, () => app.as(alice).call("graph.block", { user_id: bob.id })));
    expect(await app.published("block.created")).toHaveLength(1);
  });

  it("takes requests away too", async () => {
    const alice = await app.user("alice");
    const carol = await app.user("carol", { is_private: true });
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    await app.as(carol).call("graph.block", { user_id: alice.id });
    await app.as(carol).call("graph.unblock", { user_id: alice.id });
    expect((await app.as(carol).call("graph.listRequests", {})).items).toEqual([]);
  });

  it("hides who is blocked in the lists of others", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    await app.as(bob).call("graph.follow", { user_id: carol.id });
    await app.as(alice).call("graph.block", { user_id: bob.id });
    const seen = await app.as(alice).call("graph.listFollowers", { user_id: carol.id });
    expect(seen.items.map(({ id }) => id)).toEqual([alice.id]);
    const other = await app.as(bob).call("graph.listFollowers", { user_id: carol.id });
    expect(other.items.map(({ id }) => id)).toEqual([bob.id]);
  });
});

describe("graph.unblock", () => {
  it("lets them see each other again; follows do not come back", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    await app.as(alice).call("graph.block", { user_id: bob.id });
    const before = await version(bob);
    await app.as(alice).call("graph.unblock", { user_id: bob.id });
    await app.as(alice).call("graph.unblock", { user_id: bob.id });

    expect(await version(bob)).toBe(before + 1);
    expect(await app.published("block.removed")).toEqual([{ user_id: alice.id, blocked_id: bob.id }]);
    const relation = await app.as(bob).call("graph.relationship", { user_id: alice.id });
    expect(relation).toMatchObject({ is_following: false, is_blocking: false });
    await expect(app.as(bob).call("graph.follow", { user_id: alice.id })).resolves.toEqual({ status: "accepted" });
  });

  it("is not undone by the late news of the block", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.block", { user_id: bob.id });
    await app.settled();
    await app.as(alice).call("graph.unblock", { user_id: bob.id });
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    await deliver("block.created", { user_id: alice.id, blocked_id: bob.id });
    const relation = await app.as(bob).call("graph.relationship", { user_id: alice.id });
    expect(relation).toMatchObject({ is_following: true });
  });

  it("leaves both sides of every block alike when blocks, unblocks and follows race", async () => {
    const people = await Promise.all(Array.from({ length: 4 }, () => app.user("racer")));
    const actions = ["graph.block", "graph.unblock", "graph.follow", "graph.unfollow"] as const;
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const one = people[i % 4]!;
        const other = people[(i + 1 + (i % 3)) % 4]!;
        for (let n = 0; n < 4; n += 1) {
          const action = actions[Math.floor(Math.random() * actions.length)]!;
          await app.as(one).call(action, { user_id: other.id }).catch(onlyMissing);
        }
      }),
    );
    const { stored, computed } = await countersAndEdges(app);
    expect(stored).toEqual(computed);
    const { blocking, blockedBy } = await halvesOfBlocks(app);
    expect(blockedBy).toEqual(blocking);
    const unseemly = await rowsOf(
      app,
      "select from follows f join blocks b on b.owner_id = f.follower_id and b.other_id = f.following_id",
    );
    expect(unseemly).toEqual([]);
  });
});

describe("the consumer of block.created", () => {
  it("finishes a block whose second half a crash left out", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    await app.settled();
    const insert = "insert into blocks (owner_id, other_id, kind) values ($1, $2, 'blocking')";
    await writeAt(app, alice.id, insert, [alice.id, bob.id]);
    await deliver("block.created", { user_id: alice.id, blocked_id: bob.id });

    await expect(app.as(bob).call("graph.stats", { user_id: alice.id })).rejects.toMatchObject(missing);
    expect(await app.published("follow.removed")).toEqual([{ follower_id: bob.id, following_id: alice.id }]);
  });
});

function onlyMissing(error: Error): void {
  if ((error as { type?: string }).type !== "USER_NOT_FOUND") throw error;
}

async function deliver(type: string, data: Record<string, unknown>): Promise<void> {
  const event_id = Math.random().toString(16).slice(2).padEnd(24, "0");
  await app.broker.call("graph.receive", {
    topic: type,
    group: "graph",
    event: { event_id, type, version: 1, occurred_at: new Date().toISOString(), aggregate_id: "1", data },
  });
}
