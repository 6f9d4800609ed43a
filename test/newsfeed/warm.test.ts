import { digestOf } from "../../lib/page-digest";
import { KnownPages } from "../../services/api/known-pages";
import type { ResultOf } from "../../services/contracts";
import type { Person } from "../setup/use-app";
import { useFeeds } from "./use-feeds";

type Page = ResultOf<"newsfeed.read">;

describe("newsfeed.readNewest, when the page was made before", () => {
  const app = useFeeds({ env: { INFLUENCER_FOLLOWERS: "2" } });

  /** Pages that were passed on as they were made before, or with what changed put in. */
  const warmReads = () => {
    const { metrics } = app.service("newsfeed").broker;
    return Number(metrics.getMetric("newsfeed.pages")?.get({ way: "warm" })?.value ?? 0);
  };
  const plain = (viewer: Person) => app.as(viewer).call("newsfeed.read", { limit: 20 });

  /** Bob follows alice, dave, who posts to many, and carol, who posts with a picture. */
  async function begin() {
    const [alice, bob, carol, dave, erin] = await app.users("alice", "bob", "carol", "dave", "erin");
    await app.follow(bob, alice, carol, dave);
    await app.follow(erin, dave, alice);
    await app.follow(carol, dave);
    await app.settled();
    const [ofAlice] = [await app.post(alice), await app.postPicture(carol), await app.post(dave)];
    await app.settled();
    await app.page(bob);
    await expectWarm(bob);
    return { alice, bob, carol, dave, erin, ofAlice };
  }

  async function expectWarm(viewer: Person): Promise<Page> {
    const before = warmReads();
    const page = await app.page(viewer);
    expect(warmReads()).toBe(before + 1);
    return page;
  }

  /** Read at once, before any event of the change was handled. */
  async function expectShown(viewer: Person): Promise<Page> {
    const page = await app.page(viewer);
    expect(page.items).toEqual((await plain(viewer)).items);
    await app.settled();
    await app.page(viewer);
    expect((await expectWarm(viewer)).items).toEqual((await plain(viewer)).items);
    return page;
  }

  const firstOf = ({ items }: Page, author: Person) => items.find(({ user_id }) => user_id === author.id);

  it("shows what others do to a post", async () => {
    const { alice, bob, erin, ofAlice } = await begin();
    const post_id = ofAlice.id;
    await app.as(erin).call("posts.like", { post_id });
    expect(firstOf(await expectShown(bob), alice)).toMatchObject({ like_count: 1, viewer: { has_liked: false } });
    const { id: comment_id } = await app.as(erin).call("posts.addComment", { post_id, text: "!" });
    expect(firstOf(await expectShown(bob), alice)).toMatchObject({ comment_count: 1 });
    await app.as(erin).call("posts.deleteComment", { post_id, comment_id });
    await app.as(erin).call("posts.view", { post_id });
    expect(firstOf(await expectShown(bob), alice)).toMatchObject({ comment_count: 0, view_count: 1 });
    await app.as(alice).call("posts.update", { post_id, caption: "new words" });
    expect(firstOf(await expectShown(bob), alice)).toMatchObject({ caption: "new words" });
    await app.as(alice).call("posts.archive", { post_id });
    expect(firstOf(await expectShown(bob), alice)).toBeUndefined();
    await app.as(alice).call("posts.unarchive", { post_id });
    expect(firstOf(await expectShown(bob), alice)).toBeDefined();
    await app.as(alice).call("posts.delete", { post_id });
    expect(firstOf(await expectShown(bob), alice)).toBeUndefined();
  });

  it("is not sent again to a gateway that has it, and is where anything changed", async () => {
    const { bob, carol, erin, ofAlice } = await begin();
    const pages = new KnownPages();
    const read = (limit = 20) => pages.read(app.broker, { id: bob.id, role: "user" }, limit, "a request");
    const expectPlain = async () => expect(JSON.parse(String(await read()))).toEqual(await plain(bob));
    await expectPlain();
    const known = await read();
    expect(await read()).toBe(known);
    const answer = await app.as(bob).call("newsfeed.readNewest", { limit: 20, known: digestOf(known) });
    expect(answer).toHaveLength(0);
    // Another page of theirs, and anybody else's, is another.
    expect(JSON.parse(String(await read(1)))).toMatchObject({ items: [{}] });
    expect(await read()).toBe(known);
    const ofCarol = await pages.read(app.broker, { id: carol.id, role: "user" }, 20, "a request");
    expect(JSON.parse(String(ofCarol))).toEqual(await plain(carol));

    await app.as(erin).call("posts.like", { post_id: ofAlice.id });
    await expectPlain();
    expect((await read()).equals(known)).toBe(false);
    await app.as(bob).call("newsfeed.hide", { post_id: ofAlice.id });
    await expectPlain();
    await app.settled();
    await expectPlain();
  });

  it("shows what the viewer does", async () => {
    const { alice, bob, carol, dave, ofAlice } = await begin();
    const post_id = ofAlice.id;
    await app.as(bob).call("posts.like", { post_id });
    await app.as(bob).call("posts.save", { post_id });
    const viewer = { has_liked: true, has_saved: true };
    expect(firstOf(await expectShown(bob), alice)).toMatchObject({ like_count: 1, viewer });
    await app.as(bob).call("posts.unlike", { post_id });
    await app.as(bob).call("posts.unsave", { post_id });
    expect(firstOf(await expectShown(bob), alice)?.viewer).toEqual({ has_liked: false, has_saved: false });
    await app.as(bob).call("newsfeed.hide", { post_id });
    expect(firstOf(await expectShown(bob), alice)).toBeUndefined();
    await app.as(bob).call("newsfeed.unhide", { post_id });
    expect(firstOf(await expectShown(bob), alice)).toBeDefined();
    await app.as(bob).call("graph.mute", { user_id: alice.id });
    await app.as(bob).call("graph.unfollow", { user_id: carol.id });
    await app.as(bob).call("graph.block", { user_id: dave.id });
    expect((await expectShown(bob)).items).toEqual([]);
    await app.as(bob).call("graph.unmute", { user_id: alice.id });
    await app.as(bob).call("graph.follow", { user_id: carol.id });
    expect((await expectShown(bob)).items).toHaveLength(2);
  });

  it("shows what authors do", async () => {
    const { alice, bob, carol, dave } = await begin();
    await app.as(alice).call("auth.updateProfile", { display_name: "Alice the Second" });
    expect(firstOf(await expectShown(bob), alice)?.author.display_name).toBe("Alice the Second");
    await app.as(carol).call("auth.updateProfile", { is_private: true });
    const [picture] = firstOf(await expectShown(bob), carol)!.media;
    await app.as(carol).call("media.update", { media_id: picture!.id, alt_text: "a colour" });
    expect(firstOf(await expectShown(bob), carol)!.media[0]!.alt_text).toBe("a colour");
    const admin = { ...(await app.user("admin")), role: "admin" as const };
    await app.as(admin).call("auth.updateAccount", { user_id: alice.id, is_suspended: true });
    expect(firstOf(await expectShown(bob), alice)).toBeUndefined();
    await app.as(admin).call("auth.updateAccount", { user_id: alice.id, is_suspended: false });
    await app.settled();
    expect(firstOf(await expectShown(bob), alice)).toBeDefined();
    await app.as(dave).call("graph.block", { user_id: bob.id });
    expect(firstOf(await expectShown(bob), dave)).toBeUndefined();
    await app.as(carol).call("graph.removeFollower", { user_id: bob.id });
    await app.as(alice).call("auth.deleteAccount", {});
    expect((await expectShown(bob)).items).toEqual([]);
  });

  it("shows a new post of whoever is followed, pushed or pulled, and of nobody else", async () => {
    const { alice, bob, carol, dave, erin } = await begin();
    const [first, second] = [await app.post(carol), await app.post(dave)];
    await app.post(erin);
    await app.settled();
    expect((await expectShown(bob)).items.slice(0, 2).map(({ id }) => id)).toEqual([second.id, first.id]);
    await app.as(dave).call("posts.delete", { post_id: second.id });
    expect((await expectShown(bob)).items[0]?.id).toBe(first.id);
    expect(firstOf(await expectShown(erin), alice)?.viewer.has_liked).toBe(false);
  });

  it("is of each viewer's own: the same post, liked by one and blocked to another", async () => {
    const { alice, bob, erin, ofAlice } = await begin();
    await app.as(bob).call("posts.like", { post_id: ofAlice.id });
    await app.as(alice).call("graph.block", { user_id: erin.id });
    expect(firstOf(await expectShown(bob), alice)?.viewer.has_liked).toBe(true);
    expect(firstOf(await expectShown(erin), alice)).toBeUndefined();
  });
});
