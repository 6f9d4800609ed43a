import { stampOf } from "../../mixins/redis";
import { relationKey } from "../../mixins/redis/relations";
import type { VersionedCache } from "../../mixins/redis/versioned-cache";
import { noRelation, type Relation } from "../../services/graph/relations.repository";
import type { Person } from "../setup/use-app";
import { type FeedsApp, useFeeds } from "./use-feeds";

/** Each of these holds for pushed posts and for pulled ones. */
describe.each([
  ["pushed", "100000"],
  ["pulled", "1"],
])("of %s posts, a feed", (_how, threshold) => {
  const app = useFeeds({ env: { INFLUENCER_FOLLOWERS: threshold, FEED_MAX_ITEMS: "6" } });

  /** Bob follows alice and carol, each has three posts, and bob has read his feed. */
  const begin = async (): Promise<Person[]> => {
    const [alice, bob, carol] = await app.users("alice", "bob", "carol");
    await app.follow(bob, alice, carol);
    await app.settled();
    for (const author of [alice, carol, alice, carol, alice, carol]) await app.post(author);
    await app.expectExact(bob);
    return [alice, bob, carol];
  };
  const authorsOf = async (viewer: Person) => (await app.page(viewer)).items.map(({ author }) => author.id);

  it("holds what was posted before the follow, at the very next read", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.follow(await app.user("carol"), alice);
    await app.settled();
    const posts = await app.posts(alice, 2);
    await app.settled();
    expect(await app.walk(bob)).toEqual([]);
    await app.follow(bob, alice);

    expect(await app.walk(bob)).toEqual(posts.map(({ id }) => id).reverse());
  });

  it("keeps nothing of what graph remembered wrongly for some seconds while it was built", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    await app.follow(await app.user("carol"), alice);
    await app.settled();
    const post = await app.post(alice);
    await app.settled();
    await app.follow(bob, alice);
    // As where Redis was not told that a block had ended.
    const { relations } = app.service<{ relations: VersionedCache<Relation> }>("graph");
    const key = relationKey(bob.id, alice.id);
    await relations.fill(key, 1_000, { ...noRelation, is_blocked_by: true });
    expect(await app.walk(bob)).toEqual([]);
    await relations.raise(key, 1_001);
    await app.feeds().stamps.touch([stampOf.viewer(bob.id)]);

    expect(await app.walk(bob)).toEqual([post.id]);
  });

  it("loses whom the viewer unfollows at the very next read, and has them back at the next follow", async () => {
    const [alice, bob, carol] = await begin();
    await app.as(bob!).call("graph.unfollow", { user_id: alice!.id });
    expect(new Set(await authorsOf(bob!))).toEqual(new Set([carol!.id]));
    await app.expectExact(bob!);
    await app.follow(bob!, alice!);
    expect(await authorsOf(bob!)).toContain(alice!.id);
    await app.expectExact(bob!);
  });

  it("leaves out whom the viewer mutes until they are unmuted", async () => {
    const [alice, bob] = await begin();
    await app.as(bob!).call("graph.mute", { user_id: alice!.id });
    expect(await authorsOf(bob!)).not.toContain(alice!.id);
    await app.expectExact(bob!);
    await app.as(bob!).call("graph.unmute", { user_id: alice!.id });
    expect(await authorsOf(bob!)).toContain(alice!.id);
    await app.expectExact(bob!);
  });

  it("loses a block's other side at the very next read, whoever blocks", async () => {
    const [alice, bob, carol] = await begin();
    await app.as(alice!).call("graph.block", { user_id: bob!.id });
    expect(await authorsOf(bob!)).not.toContain(alice!.id);
    await app.as(bob!).call("graph.block", { user_id: carol!.id });
    expect(await authorsOf(bob!)).toEqual([]);
    await app.expectExact(bob!);
  });

  it("keeps a private author's posts for those whom they accepted, and loses them when removed", async () => {
    const [alice, bob, carol] = await begin();
    await app.as(alice!).call("auth.updateProfile", { is_private: true });
    await app.expectExact(bob!);
    expect(await authorsOf(bob!)).toContain(alice!.id);
    await app.follow(carol!, alice!);
    expect(await authorsOf(carol!)).toEqual([]);
    await app.as(alice!).call("graph.acceptRequest", { user_id: carol!.id });
    await app.as(alice!).call("graph.removeFollower", { user_id: bob!.id });
    expect(await authorsOf(carol!)).toContain(alice!.id);
    expect(await authorsOf(bob!)).not.toContain(alice!.id);
    await app.expectExact(bob!, carol!);
  });

  it("leaves out an archived post until it is shown again, also when it was rebuilt meanwhile", async () => {
    const [alice, bob, carol] = await begin();
    const [newest] = (await app.page(bob!)).items.filter(({ author }) => author.id === alice!.id);
    const archive = () => app.as(alice!).call("posts.archive", { post_id: newest!.id });
    const unarchive = () => app.as(alice!).call("posts.unarchive", { post_id: newest!.id });
    await archive();
    expect(await app.walk(bob!)).not.toContain(newest!.id);
    await app.expectExact(bob!);
    await unarchive();
    await app.expectExact(bob!);
    await archive();
    await app.settled();
    await app.follow(carol!, alice!);
    await app.as(bob!).call("newsfeed.rebuild", {});
    await app.expectExact(bob!, carol!);
    await unarchive();
    await app.expectExact(bob!, carol!);
    expect(await app.walk(bob!)).toContain(newest!.id);
    expect(await app.walk(carol!)).toContain(newest!.id);
  });

  it("leaves out a suspended author, fills up with others, and has them back when they return", async () => {
    const [alice, bob, carol] = await begin();
    const admin = { ...(await app.user("admin")), role: "admin" as const };
    const suspend = (is_suspended: boolean) =>
      app.as(admin).call("auth.updateAccount", { user_id: alice!.id, is_suspended });
    await app.posts(carol!, 4);
    await app.posts(alice!, 2);
    await app.expectExact(bob!);
    // Dave's feed is built for the first time while alice is gone.
    const dave = await app.user("dave");
    await app.follow(dave, alice!, carol!);
    await suspend(true);
    expect(await authorsOf(dave)).not.toContain(alice!.id);
    expect(await app.walk(bob!)).toHaveLength(6);
    await app.as(bob!).call("newsfeed.rebuild", {});
    await app.expectExact(bob!);
    await suspend(false);
    await app.expectExact(bob!, dave);
    expect(await authorsOf(bob!)).toContain(alice!.id);
  });

  it("loses a hidden post at once and has it back when it is shown again", async () => {
    const [, bob] = await begin();
    const [newest] = (await app.page(bob!)).items;
    const hide = { post_id: newest!.id };
    await Promise.all([1, 2, 3].map(() => app.as(bob!).call("newsfeed.hide", hide)));
    expect(await app.walk(bob!)).not.toContain(newest!.id);
    await app.expectExact(bob!);
    await app.as(bob!).call("newsfeed.unhide", hide);
    await app.expectExact(bob!);
    expect((await app.page(bob!)).items[0]?.id).toBe(newest!.id);
  });

  it("loses everything of an account that is deleted, and everything is gone of a deleted viewer's own", async () => {
    const [alice, bob, carol] = await begin();
    await app.as(alice!).call("auth.deleteAccount", {});
    expect(await authorsOf(bob!)).not.toContain(alice!.id);
    await app.expectExact(bob!);
    await app.as(bob!).call("newsfeed.hide", { post_id: (await app.page(bob!)).items[0]!.id });
    await app.as(bob!).call("auth.deleteAccount", {});
    await app.settled();
    expect(await rowsOf(app, bob!)).toEqual([0, 0, 0]);
    await app.post(carol!);
    await app.settled();
    expect(await rowsOf(app, bob!)).toEqual([0, 0, 0]);
  });

  it("reaches below what was stored when so much of it is gone, without a gap", async () => {
    const [alice, bob, carol] = await begin();
    await app.posts(carol!, 3);
    await app.settled();
    await app.as(bob!).call("newsfeed.rebuild", {});
    for (const id of await app.walk(bob!)) {
      const post = await app.as(bob!).call("posts.get", { post_id: id });
      const author = post.author.id === alice!.id ? alice! : carol!;
      await app.as(author).call("posts.delete", { post_id: id });
      expect(await app.walk(bob!, 2)).toEqual(await app.oracle(bob!));
    }
    await app.expectExact(bob!);
  });
});

describe("newsfeed.hide", () => {
  const app = useFeeds();

  it("knows no post that the viewer may not know of", async () => {
    const [alice, bob] = await app.users("alice", "bob");
    const post = await app.post(alice);
    await app.as(alice).call("graph.block", { user_id: bob.id });
    const hide = app.as(bob).call("newsfeed.hide", { post_id: post.id });
    await expect(hide).rejects.toMatchObject({ type: "POST_NOT_FOUND" });
  });
});

async function rowsOf(app: FeedsApp, { id }: Person): Promise<number[]> {
  const counts: number[] = [];
  for (const table of ["feed_items", "feed_metadata", "feed_hides"]) {
    const { rows } = await app
      .feeds()
      .sql.at(id)
      .query<{ n: number }>(`select count(*) as n from ${table} where user_id = $1`, [id]);
    counts.push(rows[0]!.n);
  }
  return counts;
}
