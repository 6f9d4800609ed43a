import { alice, atRest, bob, seen, Tale } from "./tale";

const one = seen("p1", bob);
const two = seen("p2", bob);
const followed = () => new Tale().follow(alice, bob);

describe("a history of answers", () => {
  it("is good where what is shown belongs there", () => {
    expect(followed().post(bob, "p1").feed(alice, [one]).broken()).toEqual([]);
  });

  it.each([
    ["deleted", (tale: Tale) => tale.ok(bob, "deletePost", { post_id: "p1" }, null)],
    ["archived", (tale: Tale) => tale.ok(bob, "archive", { post_id: "p1", on: true }, null)],
    ["blocked", (tale: Tale) => tale.ok(bob, "block", { user_id: alice, on: true }, null)],
    ["not followed", (tale: Tale) => tale.follow(alice, bob, false)],
    ["muted", (tale: Tale) => tale.ok(alice, "mute", { user_id: bob, on: true }, null)],
    ["hidden", (tale: Tale) => tale.ok(alice, "hide", { post_id: "p1", on: true }, null)],
  ])("breaks promise 3 where a feed shows what is %s", (why, forbid) => {
    const tale = forbid(followed().post(bob, "p1")).feed(alice, [one]);
    expect(tale.broken()).toEqual([expect.stringMatching(new RegExp(`^3: feed of 1 shows post p1 of 2: .*${why}`))]);
  });

  it("breaks promise 3 where a stranger sees a private account's post", () => {
    const tale = new Tale().post(bob, "p1").ok(bob, "setPrivate", { on: true }, null);
    tale.ok(alice, "readPosts", { post_ids: ["p1"] }, { posts: [one] });
    expect(tale.broken()).toEqual([expect.stringContaining("3: readPosts of 1 shows post p1 of 2")]);
  });

  it("allows what was deleted while the answer was made, and what nobody answered for", () => {
    const racing = followed().post(bob, "p1").ok(bob, "deletePost", { post_id: "p1" }, null, [100, 200]);
    racing.ok(alice, "feed", { walk: 1, page: 0 }, { posts: [one], cursor: null }, [150, 160]);
    expect(racing.broken()).toEqual([]);
    expect(
      followed().post(bob, "p1").unknown(bob, "deletePost", { post_id: "p1" }).feed(alice, [one]).broken(),
    ).toEqual([]);
  });

  it("allows what is cached for 30 s after a writer could not reach Redis, and no longer", () => {
    const tale = followed().post(bob, "p1").wait(10_000).ok(alice, "block", { user_id: bob, on: true }, null);
    tale.episodes.push({ kind: "redis-absent", what: "Redis", from_ms: 9_000, to_ms: 11_000 });
    const read = (later: Tale) => later.ok(alice, "readPosts", { post_ids: ["p1"] }, { posts: [one] });
    expect(read(tale.wait(20_000)).broken()).toEqual([]);
    expect(read(tale.wait(20_000)).broken()).toEqual([expect.stringContaining("they are blocked")]);
  });

  it("breaks promise 5 where a walk repeats, or skips what an earlier answer showed", () => {
    const tale = followed().post(bob, "p1").post(bob, "p2");
    tale.feed(alice, [two, one]).feed(alice, [two], 9, 0, "on").feed(alice, [two, one], 9, 1).feed(alice, [two]);
    expect(tale.broken()).toEqual([
      "5: a walk of 1 repeats post p2",
      expect.stringContaining("5: a walk of 1 skips post p1 of 2"),
    ]);
  });

  it("allows a walk to lack what lies beyond where it ended", () => {
    const tale = followed().post(bob, "p1").post(bob, "p2").feed(alice, [two, one]);
    expect(tale.feed(alice, [two], 9, 0, "on").broken()).toEqual([]);
  });

  it("breaks promise 6 where one key gives two things", () => {
    const args = { key: "k", media_id: "m" };
    const tale = new Tale().ok(bob, "post", args, { post_id: "p1" }).ok(bob, "post", args, { post_id: "p2" });
    expect(tale.broken()).toEqual(["6: k was answered with p1 and p2"]);
  });

  it("breaks promise 6 where somebody does not find what was acknowledged to them", () => {
    const tale = new Tale().post(bob, "p1").refused(bob, "readPost", { post_id: "p1" });
    tale.ok(bob, "profile", { user_id: bob }, { posts: [], cursor: null });
    tale.ok(alice, "like", { post_id: "p1", on: true }, { has_liked: true });
    tale.ok(alice, "readPost", { post_id: "p1" }, { user_id: bob, has_liked: false });
    expect(tale.broken()).toEqual([
      "6: readPost of 2 lacks their own post p1",
      "6: profile of 2 lacks their own post p1",
      "6: 1 reads has_liked false of post p1",
    ]);
  });

  it("breaks promise 6 where a follow is not in the next feed and not in the relationship", () => {
    const nobody = { is_following: false, is_requested: false, is_blocking: false, is_muting: false };
    const tale = new Tale().post(bob, "p1").follow(alice, bob).feed(alice, []);
    tale.ok(alice, "relationship", { user_id: bob }, nobody);
    expect(tale.broken()).toEqual(["6: 1 reads a follow that is none of 2", "6: 1 follows 2, and lacks post p1"]);
  });

  it("waits after a repeated follow for what is still on its way, and not after a new one", () => {
    const repeated = followed().post(bob, "p1").follow(alice, bob).feed(alice, []);
    expect(repeated.broken()).toEqual([]);
    const again = followed().post(bob, "p1").follow(alice, bob, false).follow(alice, bob).feed(alice, []);
    expect(again.broken()).toEqual(["6: 1 follows 2, and lacks post p1"]);
  });

  it("knows a request that became a follow when its account opened", () => {
    const tale = new Tale().ok(bob, "setPrivate", { on: true }, null);
    tale.ok(alice, "follow", { user_id: bob, on: true }, { status: "pending" }).post(bob, "p1");
    expect(new Tale().broken()).toEqual([]);
    const before = tale.operations.length;
    tale.feed(alice, [one]);
    expect(tale.broken()).toEqual([expect.stringContaining("3: feed of 1 shows post p1 of 2")]);
    tale.operations.splice(before);
    expect(tale.ok(bob, "setPrivate", { on: false }, null).feed(alice, [one]).broken()).toEqual([]);
  });

  it("says nothing of a state that agrees with it", () => {
    const tale = followed().post(bob, "p1").post(bob, "p2").feed(alice, [two, one]);
    expect(tale.broken(atRest([one, two], [[alice, bob]]))).toEqual([]);
  });
});
