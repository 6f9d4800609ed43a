import type { ParamsOf, ResultOf } from "../../services/contracts";
import { useApp } from "../setup/use-app";
import { rowsOf } from "./edges";
import { crowd, type Somebody } from "./crowd";

const app = useApp(["auth", "graph"]);

type FaceList =
  "graph.listFollowers" | "graph.listFollowing" | "graph.search" | "graph.listBlocks" | "graph.listMutual";

const people = (count: number, name?: string) => crowd(app, count, name);

/** Every page of a list; fails when the cursor does not end. */
async function all<N extends FaceList>(viewer: Somebody, list: N, params: ParamsOf<N>, limit: number) {
  const pages: number[][] = [];
  let cursor: string | null = null;
  do {
    const page = (await app
      .as(viewer)
      .call(list, { ...params, limit, ...(cursor ? { cursor } : {}) })) as ResultOf<FaceList>;
    pages.push(page.items.map(({ id }) => id));
    cursor = page.next_cursor;
    if (pages.length > 100) throw new Error("The list has no end.");
  } while (cursor !== null);
  return { ids: pages.flat(), sizes: pages.map(({ length }) => length) };
}

describe("graph.listFollowers and graph.listFollowing", () => {
  it("page newest first, without gap or repeat, also when somebody follows meanwhile", async () => {
    const bob = await app.user("bob");
    const fans = await people(23);
    for (const fan of fans) await app.as(fan).call("graph.follow", { user_id: bob.id });
    const newest = [...fans].reverse().map(({ id }) => id);
    const { ids, sizes } = await all(bob, "graph.listFollowers", { user_id: bob.id }, 5);
    expect(ids).toEqual(newest);
    expect(sizes).toEqual([5, 5, 5, 5, 3]);

    const first = await app.as(bob).call("graph.listFollowers", { user_id: bob.id, limit: 10 });
    await app.as(await app.user("late")).call("graph.follow", { user_id: bob.id });
    const rest = await app
      .as(bob)
      .call("graph.listFollowers", { user_id: bob.id, limit: 100, cursor: first.next_cursor! });
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(newest);
    expect(rest.next_cursor).toBeNull();

    for (const fan of fans) await app.as(bob).call("graph.follow", { user_id: fan.id });
    expect((await all(bob, "graph.listFollowing", { user_id: bob.id }, 7)).ids).toEqual(newest);
  });

  it("page through edges of one and the same moment", async () => {
    const bob = await app.user("bob");
    const fans = await people(11);
    await app.call("graph.followMany", {
      edges: fans.flatMap(({ id }) => [
        { follower_id: id, following_id: bob.id },
        { follower_id: bob.id, following_id: id },
      ]),
    });
    // Each shard has its own clock.
    await rowsOf(app, "update follows set created_at = $2 where $1 in (follower_id, following_id)", [
      bob.id,
      new Date(),
    ]);
    const descending = fans.map(({ id }) => id).sort((a, b) => b - a);
    expect((await all(bob, "graph.listFollowers", { user_id: bob.id }, 3)).ids).toEqual(descending);
    expect((await all(bob, "graph.listFollowing", { user_id: bob.id }, 3)).ids).toEqual(descending);
    expect((await all(bob, "graph.listMutual", { user_id: bob.id }, 3)).ids).toEqual(descending);
  });

  it("refill a page that filtering made short, and end only with the list", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const fans = await people(30);
    for (const fan of fans) await app.as(fan).call("graph.follow", { user_id: bob.id });
    const blocked = fans.slice(3, 28);
    for (const fan of blocked) await app.as(alice).call("graph.block", { user_id: fan.id });
    const left = fans.filter((fan) => !blocked.includes(fan)).map(({ id }) => id);
    const { ids, sizes } = await all(alice, "graph.listFollowers", { user_id: bob.id }, 2);
    expect(ids).toEqual([...left].reverse());
    expect(sizes.length).toBeLessThan(10);
    expect((await app.as(alice).call("graph.listFollowers", { user_id: bob.id, limit: 10 })).items).toHaveLength(5);
  });

  it("refuse a cursor that is none of theirs", async () => {
    const bob = await app.user("bob");
    const forge = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString("base64url");
    for (const cursor of ["x", forge(["yesterday", 1]), forge([new Date().toISOString(), 1.5]), forge([1, 2])])
      await expect(app.as(bob).call("graph.listFollowers", { user_id: bob.id, cursor })).rejects.toMatchObject({
        code: 422,
        type: "BAD_CURSOR",
      });
    await expect(app.as(bob).call("graph.listFollowers", { user_id: bob.id, limit: 0 })).rejects.toMatchObject({
      code: 422,
    });
  });
});

describe("graph.listMutual", () => {
  it("tells whether both follow each other, and whom the viewer follows that follows the account too", async () => {
    const [alice, bob, carol, dave] = await app.users("alice", "bob", "carol", "dave");
    for (const user of [bob, carol, dave]) await app.as(alice).call("graph.follow", { user_id: user.id });
    await app.as(carol).call("graph.follow", { user_id: bob.id });
    const mutual = await app.as(alice).call("graph.listMutual", { user_id: bob.id });
    expect(mutual.is_mutual).toBe(false);
    expect(mutual.items.map(({ id }) => id)).toEqual([carol.id]);
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    expect((await app.as(alice).call("graph.listMutual", { user_id: bob.id })).is_mutual).toBe(true);
  });
});

describe("graph.followerIds", () => {
  it("pages accepted followers by key", async () => {
    const bob = await app.user("bob");
    const fans = await people(9);
    for (const fan of fans) await app.as(fan).call("graph.follow", { user_id: bob.id });
    const sorted = fans.map(({ id }) => id).sort((a, b) => a - b);
    const first = await app.call("graph.followerIds", { user_id: bob.id, limit: 5 });
    expect(first).toEqual({ user_ids: sorted.slice(0, 5), has_more: true });
    expect(await app.call("graph.followerIds", { user_id: bob.id, after: first.user_ids.at(-1)!, limit: 5 })).toEqual({
      user_ids: sorted.slice(5),
      has_more: false,
    });
  });
});

describe("graph.search", () => {
  it("finds by the beginning of the username, less whom the viewer may not know, page by page", async () => {
    const alice = await app.user("alice");
    const found = await people(9, "zebra");
    await app.as(alice).call("graph.block", { user_id: found[2]!.id });
    await app.as(found[5]!).call("graph.block", { user_id: alice.id });
    const expected = found.filter((_, i) => i !== 2 && i !== 5).map(({ id }) => id);
    const { ids, sizes } = await all(alice, "graph.search", { q: "ZEB" }, 3);
    expect(new Set(ids)).toEqual(new Set(expected));
    expect(ids).toHaveLength(7);
    expect(sizes).toEqual([3, 3, 1]);
  });
});

describe("graph.suggestions", () => {
  async function suggested(viewer: Somebody, limit = 100) {
    const found: { id: number; mutual_count: number }[] = [];
    let cursor: string | null = null;
    do {
      const params: ParamsOf<"graph.suggestions"> = { limit, ...(cursor ? { cursor } : {}) };
      const page: ResultOf<"graph.suggestions"> = await app.as(viewer).call("graph.suggestions", params);
      found.push(...page.items.map(({ user, mutual_count }) => ({ id: user.id, mutual_count })));
      cursor = page.next_cursor;
    } while (cursor !== null);
    return found;
  }

  it("are friends of friends by the number of mutual friends, as brute force says", async () => {
    const crowd = await people(24, "crowd");
    const [alice, blocked, muted, asked] = [
      crowd[0]!,
      crowd[11]!,
      crowd[12]!,
      await app.user("shy", { is_private: true }),
    ];
    const all = [...crowd, asked];
    const edges = all.flatMap((one, i) =>
      all
        .filter((_, j) => i !== j && (i * 31 + j * 17 + i * j * 7) % 10 < 3)
        .map((other) => [one.id, other.id] as const),
    );
    const kept = edges.filter(([from, to]) => !(from === alice.id && [asked.id, blocked.id, muted.id].includes(to)));
    await app.call("graph.followMany", {
      edges: kept.map(([follower_id, following_id]) => ({ follower_id, following_id })),
    });
    await app.as(alice).call("graph.follow", { user_id: asked.id });
    await app.as(alice).call("graph.mute", { user_id: muted.id });
    await app.as(alice).call("graph.block", { user_id: blocked.id });

    const without = new Set([alice.id, asked.id, blocked.id, muted.id]);
    const friends = new Set(kept.filter(([from]) => from === alice.id).map(([, to]) => to));
    const counts = new Map<number, number>();
    for (const [from, to] of kept)
      if (friends.has(from) && !friends.has(to) && !without.has(to)) counts.set(to, (counts.get(to) ?? 0) + 1);
    const expected = [...counts]
      .map(([id, mutual_count]) => ({ id, mutual_count }))
      .sort((a, b) => b.mutual_count - a.mutual_count || a.id - b.id);
    expect(expected.length).toBeGreaterThan(5);
    expect(await suggested(alice)).toEqual(expected);
    expect(await suggested(alice, 2)).toEqual(expected);
  });

  async function follow(edges: (readonly [Somebody, Somebody])[]) {
    const all = edges.map(([follower, following]) => ({ follower_id: follower.id, following_id: following.id }));
    for (let start = 0; start < all.length; start += 500)
      await app.call("graph.followMany", { edges: all.slice(start, start + 500) });
  }

  it("leave out whom the viewer may not or need not see, however many of them come first", async () => {
    const viewer = await app.user("viewer");
    const [friends, known] = [await people(12, "friend"), await people(270, "known")];
    const [blocker, suspended, deleted, last] = await app.users("blocker", "suspended", "deleted", "last");
    await follow(known.map((one) => [viewer, one]));
    await follow(friends.map((friend) => [viewer, friend]));
    // All 270 have two mutual friends each.
    await follow(
      friends.flatMap((friend, i) => known.slice((i % 6) * 45, (i % 6) * 45 + 45).map((one) => [friend, one])),
    );
    await follow([blocker, suspended, deleted, last].map((stranger) => [friends[0]!, stranger]));
    await app.as(blocker).call("graph.block", { user_id: viewer.id });
    const admin = { id: (await app.user("admin")).id, role: "admin" as const };
    await app.as(admin).call("auth.updateAccount", { user_id: suspended.id, is_suspended: true });
    await app.as(deleted).call("auth.deleteAccount", {});
    expect(await suggested(viewer, 2)).toEqual([{ id: last.id, mutual_count: 1 }]);
  });

  it("ask no more than the newest 200 of whom the viewer follows, and each for the newest 100", async () => {
    const viewer = await app.user("viewer");
    const [early, late] = await app.users("early", "late");
    const friends = await people(201, "friend");
    const many = await people(100, "many");
    const [oldest, ...newer] = friends;
    await follow([[viewer, oldest!]]);
    await follow(newer.map((friend) => [viewer, friend]));
    await follow([
      [oldest!, early],
      [newer[0]!, early],
      [newer[1]!, late],
    ]);
    const two = [early.id, late.id].sort((a, b) => a - b);
    expect(await suggested(viewer)).toEqual(two.map((id) => ({ id, mutual_count: 1 })));
    await follow(many.map((one) => [newer[0]!, one]));
    const ids = (await suggested(viewer)).map(({ id }) => id);
    expect(ids).toHaveLength(101);
    expect(ids).not.toContain(early.id);
  });

  it("are popular accounts for who follows nobody, less the blocked and those asked already", async () => {
    const [viewer, star, other] = await app.users("viewer", "star", "other");
    const shy = await app.user("shy", { is_private: true });
    const fans = await people(40);
    await app.call("graph.followMany", {
      edges: fans.flatMap(({ id }, i) => [
        { follower_id: id, following_id: star.id },
        ...(i > 0 ? [{ follower_id: id, following_id: other.id }] : []),
        { follower_id: id, following_id: shy.id },
      ]),
    });
    await app.settled();
    await app.as(viewer).call("graph.follow", { user_id: shy.id });
    const first = await app.as(viewer).call("graph.suggestions", { limit: 2 });
    expect(first.items.map(({ user, mutual_count }) => [user.id, mutual_count])).toEqual([
      [star.id, 0],
      [other.id, 0],
    ]);
    const ids = (await suggested(viewer, 3)).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).not.toContain(shy.id);
    await app.as(star).call("graph.block", { user_id: viewer.id });
    expect((await suggested(viewer)).map(({ id }) => id)).not.toContain(star.id);
  });
});

describe("graph.followersAmong", () => {
  it("tells which of these follow an account, and were accepted where it is private", async () => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    const private_ = await app.user("private", { is_private: true });
    await app.as(bob).call("graph.follow", { user_id: alice.id });
    await app.as(carol).call("graph.follow", { user_id: private_.id });
    await app.as(bob).call("graph.follow", { user_id: private_.id });
    await app.as(private_).call("graph.acceptRequest", { user_id: bob.id });
    const among = [alice, carol, bob].map(({ id }) => id);
    await expect(app.call("graph.followersAmong", { user_id: alice.id, among })).resolves.toEqual({
      user_ids: [bob.id],
    });
    await expect(app.call("graph.followersAmong", { user_id: private_.id, among })).resolves.toEqual({
      user_ids: [bob.id],
    });
    await expect(app.call("graph.followersAmong", { user_id: bob.id, among: [] })).resolves.toEqual({ user_ids: [] });
  });
});
