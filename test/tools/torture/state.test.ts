import { shortest, told } from "../../../tools/torture/shortest";
import { changes } from "../../../tools/torture/checks/changes";
import { check } from "../../../tools/torture/check";
import { alice, atRest, bob, carol, seen, Tale } from "./tale";

const one = seen("p1", bob);
const followed = () => new Tale().follow(alice, bob);
const event = (event_id: string, occurred_at: string) => ({
  topic: "post.liked",
  partition: 0,
  aggregate_id: "p1",
  event_id,
  occurred_at,
});

describe("a state at rest", () => {
  it("breaks promise 1 where an acknowledged post is lost, or a post exists twice", () => {
    const tale = followed().post(bob, "p1");
    expect(tale.broken(atRest([], [[alice, bob]]))).toEqual(["1: p1: post p1 was acknowledged and is lost"]);
    const twice = atRest([one, seen("p2", bob)], [[alice, bob]]);
    for (const post of twice.stores.posts) post.key = "p1";
    expect(tale.broken(twice)).toEqual(["1: p1: exists 2 times"]);
  });

  it("allows a post that nobody answered for to be there or not, and not twice", () => {
    const tale = new Tale().unknown(bob, "post", { key: "p1", media_id: "m" });
    expect(tale.broken(atRest([], []))).toEqual([]);
    expect(tale.broken(atRest([one], []))).toEqual([]);
  });

  it("breaks promise 1 where a deleted post is still there", () => {
    const tale = new Tale().post(bob, "p1").ok(bob, "deletePost", { post_id: "p1" }, null);
    expect(tale.broken(atRest([one], []))).toEqual(["1: p1: post p1 was deleted and is there"]);
  });

  it("breaks promises 2 and 4 where a follower lacks a post, or has it twice", () => {
    const tale = followed().post(bob, "p1");
    const lacking = atRest([one], [[alice, bob]], { feed_items: [] });
    lacking.api.feeds[alice] = [];
    expect(tale.broken(lacking)).toEqual([
      "2: follower 1 sees post p1 of 2 0 times",
      "2: follower 1 has post p1 of 2 0 times",
      "4: the feed of 1 has nothing of 2 in place 1, where p1 belongs (0 of 1)",
    ]);
    const twice = atRest([one], [[alice, bob]]);
    twice.api.feeds[alice] = ["p1", "p1"];
    expect(tale.broken(twice)).toContain("2: follower 1 sees post p1 of 2 2 times");
  });

  it("takes a pulled post for delivered, once", () => {
    const pulled = { deliveries: [{ post_id: "p1", is_pulled: true }], feed_items: [] };
    const tale = followed().post(bob, "p1");
    expect(tale.broken(atRest([one], [[alice, bob]], { ...pulled, pulled_posts: [{ post_id: "p1" }] }))).toEqual([]);
    expect(tale.broken(atRest([one], [[alice, bob]], pulled))).toEqual(["2: post p1 is 0 times pulled"]);
  });

  it("asks nothing of who followed later, or may have unfollowed", () => {
    const later = new Tale().post(bob, "p1").follow(alice, bob);
    expect(later.broken(atRest([one], [[alice, bob]], { feed_items: [] }))).toEqual([]);
    const perhaps = followed().unknown(alice, "follow", { user_id: bob, on: false }).post(bob, "p1");
    expect(perhaps.broken(atRest([one], []))).toEqual([]);
  });

  it("breaks promise 4 where a counter differs from its edges", () => {
    const state = atRest([one], [[alice, bob]], { likes: [{ post_id: "p1", user_id: carol }] });
    const tale = followed().post(bob, "p1").ok(carol, "like", { post_id: "p1", on: true }, { has_liked: true });
    expect(tale.broken(state)).toEqual(["4: post p1: likes counts 0 of 1", "4: post p1: likes counts 0 of 1"]);
    state.stores.likes = [];
    expect(tale.broken(state)).toEqual(["4: the like of p1 by 3 is false at rest"]);
  });

  it("breaks promise 4 where an archived post is shown, or one that is shown again is not", () => {
    const tale = followed().post(bob, "p1").ok(bob, "archive", { post_id: "p1", on: true }, null);
    expect(tale.broken(atRest([one], [[alice, bob]]))).toEqual(["4: the archiving of p1 is false at rest"]);
    const archived = atRest([one], [[alice, bob]]);
    archived.stores.posts[0]!.is_archived = true;
    expect(tale.broken(archived)).toEqual([expect.stringContaining("4: the feed of 1 has p1 of 2 in place 1")]);
    archived.api.feeds[alice] = [];
    expect(tale.broken(archived)).toEqual([]);
    tale.ok(bob, "archive", { post_id: "p1", on: false }, null);
    const lacking = atRest([one], [[alice, bob]]);
    lacking.api.feeds[alice] = [];
    expect(tale.broken(lacking)).toContain("2: follower 1 sees post p1 of 2 0 times");
  });

  it("breaks promise 4 where a follow is lost, one knows nothing of a block, or an event was given up", () => {
    expect(followed().broken(atRest([], []))).toEqual(["4: the follow of 2 by 1 is none at rest"]);
    const half = atRest([], [], { blocks: [{ owner_id: alice, other_id: bob, kind: "blocking" }] });
    const blocked = new Tale().ok(alice, "block", { user_id: bob, on: true }, null);
    expect(blocked.broken(half)).toEqual(["4: 1 is blocking 2, who knows nothing of it"]);
    expect(new Tale().broken({ ...atRest([], []), dead_letters: 1 })).toEqual([
      "4: 1 events were given up: dead letters",
    ]);
  });

  it("breaks promise 7 where events lie in another order than they happened, and bears what a crash repeats", () => {
    const state = atRest([], []);
    const [a, b, c] = [event("a", "1"), event("b", "2"), event("c", "3")];
    expect(new Tale().broken({ ...state, topics: [a, b, a, b, c] })).toEqual([]);
    expect(new Tale().broken({ ...state, topics: [a, b, a, c] })).toEqual([expect.stringContaining("a lies behind b")]);
    expect(new Tale().broken({ ...state, topics: [b, a, c] })).toEqual([expect.stringContaining("a lies behind b")]);
  });
});

describe("a replay of every topic", () => {
  const before = () => atRest([one], [[alice, bob]]);

  it("may bring back what nobody is shown", () => {
    const after = before();
    after.stores.feed_items.push({ user_id: carol, post_id: "p1", author_id: bob });
    expect(changes(before(), after)).toEqual([]);
  });

  it("breaks promise 4 where it counts, or delivers, once more", () => {
    const after = before();
    after.stores.counts[1]!.follower_count += 1;
    after.stores.feed_items.push({ ...after.stores.feed_items[0]! });
    const told = changes(before(), after).map(({ promise, what }) => `${promise}: ${what}`);
    expect(told).toEqual([
      expect.stringContaining("4: a replay: counts lost"),
      expect.stringContaining("4: a replay: counts gained"),
      expect.stringContaining("4: a replay: feed_items gained"),
    ]);
  });
});

describe("the shortest history", () => {
  it("holds what breaks the promise and nothing else", () => {
    const tale = followed().follow(carol, bob).post(bob, "p1").feed(alice, [one]).feed(carol, [one]);
    tale
      .ok(bob, "block", { user_id: alice, on: true }, null)
      .ok(carol, "readPost", { post_id: "p1" }, { user_id: bob, has_liked: false });
    tale.feed(alice, [one]);
    const { operations, violation } = shortest(check(tale.history()), tale.history(), undefined)!;
    expect(violation.promise).toBe(3);
    expect(operations.map(({ deed }) => deed)).toEqual(["block", "feed"]);
    expect(told(operations, tale.history()).split("\n")).toHaveLength(2);
  });
});
