import { useApp } from "../setup/use-app";
import { crowd } from "./crowd";
import { countersAndEdges, rowsOf, writeAt } from "./edges";

const app = useApp(["auth", "graph"]);
const times = <T>(n: number, work: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => work(i)));

async function version(user: { id: number }): Promise<number> {
  return (await app.call("graph.followingVersion", { user_id: user.id })).following_version;
}

describe("graph.follow", () => {
  it("follows a public account at once, and publishes it", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await expect(app.as(alice).call("graph.follow", { user_id: bob.id })).resolves.toEqual({ status: "accepted" });

    expect(await app.published("follow.accepted")).toEqual([{ follower_id: alice.id, following_id: bob.id }]);
    await expect(app.as(alice).call("graph.stats", { user_id: bob.id })).resolves.toEqual({
      follower_count: 1,
      following_count: 0,
    });
    await expect(app.as(bob).call("graph.stats", { user_id: alice.id })).resolves.toEqual({
      follower_count: 0,
      following_count: 1,
    });
  });

  it("asks first when the account is private", async () => {
    const alice = await app.user("alice");
    const carol = await app.user("carol", { is_private: true });
    await expect(app.as(alice).call("graph.follow", { user_id: carol.id })).resolves.toEqual({ status: "pending" });

    expect(await app.published("follow.accepted")).toEqual([]);
    expect(await app.published("follow.requested")).toEqual([{ follower_id: alice.id, following_id: carol.id }]);
    expect(await app.call("graph.followerCount", { user_id: carol.id })).toEqual({ follower_count: 0 });
  });

  it("stores and publishes once, however many identical requests race", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const answers = await times(50, () => app.as(alice).call("graph.follow", { user_id: bob.id }));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["accepted"]));
    expect(await app.published("follow.accepted")).toHaveLength(1);
    expect(await app.call("graph.followerCount", { user_id: bob.id })).toEqual({ follower_count: 1 });
    expect(await version(alice)).toBe(1);
  });

  it("counts every one of 50 who follow at the same time", async () => {
    const bob = await app.user("bob");
    const people = await crowd(app, 50);
    await Promise.all(people.map((fan) => app.as(fan).call("graph.follow", { user_id: bob.id })));
    await app.settled();
    expect(await app.call("graph.followerCount", { user_id: bob.id })).toEqual({ follower_count: 50 });
  });

  it("refuses to follow oneself and an account that is not there", async () => {
    const alice = await app.user("alice");
    await expect(app.as(alice).call("graph.follow", { user_id: alice.id })).rejects.toMatchObject({
      code: 422,
      type: "SELF_FOLLOW",
    });
    await expect(app.as(alice).call("graph.follow", { user_id: 12345 })).rejects.toMatchObject({
      code: 404,
      type: "USER_NOT_FOUND",
    });
  });
});

describe("graph.unfollow", () => {
  it("ends the follow once, with one event and both counters, however often it is asked", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    const answers = await times(50, () => app.as(alice).call("graph.unfollow", { user_id: bob.id }));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(["none"]));
    expect(await app.published("follow.removed")).toEqual([{ follower_id: alice.id, following_id: bob.id }]);
    expect(await app.call("graph.followerCount", { user_id: bob.id })).toEqual({ follower_count: 0 });
    expect(await version(alice)).toBe(2);
  });

  it("takes a request back without an event of a follow", async () => {
    const alice = await app.user("alice");
    const carol = await app.user("carol", { is_private: true });
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    await app.as(alice).call("graph.unfollow", { user_id: carol.id });

    expect(await app.published("follow.removed")).toEqual([]);
    await expect(app.as(carol).call("graph.listRequests", {})).resolves.toEqual({ items: [], next_cursor: null });
  });

  it("leaves counters equal to the edges when follows and unfollows of 50 callers race", async () => {
    const people = await app.users("alice", "bob", "carol");
    await times(50, async (i) => {
      const [one, other] = [people[i % 3]!, people[(i + 1 + (i % 2)) % 3]!];
      const action = Math.random() < 0.5 ? "graph.follow" : "graph.unfollow";
      for (let n = 0; n < 3; n += 1) await app.as(one).call(action, { user_id: other.id });
    });
    const { stored, computed } = await countersAndEdges(app);
    expect(stored).toEqual(computed);
    const accepted = (await app.published("follow.accepted")).length;
    const removed = (await app.published("follow.removed")).length;
    const ids = people.map(({ id }) => id);
    const standing = await rowsOf(app, "select from follows where follower_id = any($1::bigint[])", [ids]);
    expect(accepted - removed).toBe(standing.length);
  });

  it("counts each event once, also when a removal arrives before its follow and both arrive twice", async () => {
    const bob = await app.user("bob");
    const deliver = (type: string, event_id: string) =>
      app.broker.call("graph.receive", {
        topic: type,
        group: "graph",
        event: {
          event_id,
          type,
          version: 1,
          occurred_at: new Date().toISOString(),
          aggregate_id: "77",
          data: { follower_id: 77, following_id: bob.id },
        },
      });
    await deliver("follow.removed", "b".repeat(24));
    await deliver("follow.removed", "b".repeat(24));
    expect(await app.call("graph.followerCount", { user_id: bob.id })).toEqual({ follower_count: 0 });
    await deliver("follow.accepted", "a".repeat(24));
    await deliver("follow.accepted", "a".repeat(24));
    await deliver("follow.accepted", "c".repeat(24));
    expect(await app.call("graph.followerCount", { user_id: bob.id })).toEqual({ follower_count: 1 });
    await deliver("follow.removed", "d".repeat(24));
  });
});

describe("follow requests", () => {
  it("are listed for the one asked, newest first, and accepted with one event", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const carol = await app.user("carol", { is_private: true });
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    await app.as(bob).call("graph.follow", { user_id: carol.id });
    const { items } = await app.as(carol).call("graph.listRequests", {});
    expect(items.map(({ user }) => user.id)).toEqual([bob.id, alice.id]);

    const before = await version(alice);
    await times(20, () => app.as(carol).call("graph.acceptRequest", { user_id: alice.id }));
    expect(await version(alice)).toBe(before + 1);
    expect(await app.published("follow.accepted")).toEqual([{ follower_id: alice.id, following_id: carol.id }]);
    await expect(app.as(alice).call("graph.follow", { user_id: carol.id })).resolves.toEqual({ status: "accepted" });
    const left = await app.as(carol).call("graph.listRequests", {});
    expect(left.items.map(({ user }) => user.id)).toEqual([bob.id]);
  });

  it("are gone once rejected, without a word to anybody", async () => {
    const alice = await app.user("alice");
    const carol = await app.user("carol", { is_private: true });
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    await app.as(carol).call("graph.rejectRequest", { user_id: alice.id });

    expect(await app.published("follow.removed")).toEqual([]);
    const refused = { code: 404, type: "REQUEST_NOT_FOUND" };
    await expect(app.as(carol).call("graph.acceptRequest", { user_id: alice.id })).rejects.toMatchObject(refused);
    await expect(app.as(carol).call("graph.rejectRequest", { user_id: alice.id })).rejects.toMatchObject(refused);
    await expect(app.as(carol).call("graph.acceptRequest", { user_id: 12345 })).rejects.toMatchObject(refused);
  });

  it("are accepted, all of them, when the account becomes public", async () => {
    const carol = await app.user("carol", { is_private: true });
    const people = await crowd(app, 12);
    for (const fan of people) await app.as(fan).call("graph.follow", { user_id: carol.id });
    await app.as(carol).call("auth.updateProfile", { is_private: false });

    expect(await app.published("follow.accepted")).toHaveLength(12);
    expect(await app.call("graph.followerCount", { user_id: carol.id })).toEqual({ follower_count: 12 });
    expect((await app.as(carol).call("graph.listRequests", {})).items).toEqual([]);
  });

  it("that raced with the opening are accepted a minute later", async () => {
    const alice = await app.user("alice");
    const carol = await app.user("carol", { is_private: true });
    await app.as(carol).call("auth.updateProfile", { is_private: false });
    await app.settled();
    // What a follow leaves that read the profile before it changed, and stored its request after.
    const insert = "insert into follows (follower_id, following_id, status) values ($1, $2, 'pending')";
    await writeAt(app, alice.id, insert, [alice.id, carol.id]);
    const graph = app.service<{ sweep(now: Date): Promise<void> }>("graph");
    await graph.sweep(new Date());
    expect(await app.published("follow.accepted")).toEqual([]);
    await graph.sweep(new Date(Date.now() + 61_000));
    expect(await app.published("follow.accepted")).toEqual([{ follower_id: alice.id, following_id: carol.id }]);
    const { stored, computed } = await countersAndEdges(app);
    expect(stored).toEqual(computed);
  });

  it("stay with an account that closed again before the news of its opening arrived", async () => {
    const alice = await app.user("alice");
    const carol = await app.user("carol", { is_private: true });
    await app.settled();
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    await app.broker.call("graph.receive", {
      topic: "user.updated",
      group: "graph",
      event: {
        event_id: "e".repeat(24),
        type: "user.updated",
        version: 1,
        occurred_at: new Date().toISOString(),
        aggregate_id: String(carol.id),
        data: { user_id: carol.id, version: 1, is_private: false, is_suspended: false },
      },
    });
    expect(await app.published("follow.accepted")).toEqual([]);
    expect((await app.as(carol).call("graph.listRequests", {})).items).toHaveLength(1);
  });
});

describe("graph.removeFollower", () => {
  it("ends somebody's follow of the viewer, and raises that one's version", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    const before = await version(alice);
    await app.as(bob).call("graph.removeFollower", { user_id: alice.id });
    await app.as(bob).call("graph.removeFollower", { user_id: alice.id });

    expect(await version(alice)).toBe(before + 1);
    expect(await app.published("follow.removed")).toEqual([{ follower_id: alice.id, following_id: bob.id }]);
    expect(await app.call("graph.followerIds", { user_id: bob.id, limit: 10 })).toEqual({
      user_ids: [],
      has_more: false,
    });
  });
});

describe("graph.mute and graph.feedSources", () => {
  it("keep the muted out of the feed's sources, under a new version each time", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    await app.as(alice).call("graph.follow", { user_id: bob.id });
    await app.as(alice).call("graph.follow", { user_id: carol.id });
    await app.as(alice).call("graph.mute", { user_id: bob.id });
    await app.as(alice).call("graph.mute", { user_id: bob.id });

    expect(await app.call("graph.feedSources", { user_id: alice.id })).toEqual({
      following_version: 3,
      user_ids: [carol.id],
    });
    expect((await app.as(alice).call("graph.listMutes", {})).items.map(({ id }) => id)).toEqual([bob.id]);
    await app.as(alice).call("graph.unmute", { user_id: bob.id });
    const { following_version, user_ids } = await app.call("graph.feedSources", { user_id: alice.id });
    expect(following_version).toBe(4);
    expect(new Set(user_ids)).toEqual(new Set([bob.id, carol.id]));
    await expect(app.as(alice).call("graph.mute", { user_id: alice.id })).rejects.toMatchObject({ type: "SELF_MUTE" });
  });

  it("answer an empty set at version 0 for who never did anything", async () => {
    const alice = await app.user("alice");
    expect(await app.call("graph.feedSources", { user_id: alice.id })).toEqual({ following_version: 0, user_ids: [] });
  });
});

describe("graph.followMany", () => {
  it("stores what is new with the same events, counters and versions as follow", async () => {
    const people = await crowd(app, 8);
    const edges = people.flatMap((one) => people.map((other) => ({ follower_id: one.id, following_id: other.id })));
    await app.as(people[0]!).call("graph.follow", { user_id: people[1]!.id });
    const unknown = { follower_id: people[0]!.id, following_id: 4711 };
    const [first, second] = await Promise.all([
      app.call("graph.followMany", { edges: [...edges, unknown] }),
      app.call("graph.followMany", { edges: [...edges].reverse() }),
    ]);
    expect(first.new_count + second.new_count).toBe(8 * 7 - 1);

    expect(await app.published("follow.accepted")).toHaveLength(8 * 7);
    const { stored, computed } = await countersAndEdges(app);
    expect(stored).toEqual(computed);
    expect(await app.call("graph.followerCount", { user_id: people[3]!.id })).toEqual({ follower_count: 7 });
    expect(await version(people[3]!)).toBeGreaterThan(0);
  });
});
