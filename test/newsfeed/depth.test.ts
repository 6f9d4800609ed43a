import type { Person } from "../setup/use-app";
import { useFeeds } from "./use-feeds";

const MOST = 180;

/** More than a timeline holds, and more than a feed holds: pages come from the cache, then PostgreSQL, then posts. */
describe("a feed of more posts than its timeline", () => {
  const app = useFeeds({ env: { INFLUENCER_FOLLOWERS: "2", FEED_MAX_ITEMS: String(MOST) } });
  let people: readonly Person[];

  beforeAll(async () => {
    people = await app.users("alice", "bob", "star", "fan");
    const [alice, bob, star, fan] = people as [Person, Person, Person, Person];
    await app.follow(fan, star);
    await app.follow(bob, alice, star);
    await app.settled();
    for (let i = 0; i < 110; i += 1) for (const author of [alice, star]) await app.post(author);
    await app.settled();
  }, 60_000);

  const expectExact = async (limit: number) => {
    const [, bob] = people;
    expect(await app.walk(bob!, limit)).toEqual(await app.oracle(bob!));
  };

  it("is walked without a repeat or a gap, whatever the page", async () => {
    const [, bob] = people;
    expect(await app.walk(bob!, 33)).toHaveLength(MOST);
    for (const limit of [100, 45, 96]) await expectExact(limit);
    const cached = await app.feeds().timelines.page(bob!.id, undefined, 1_000);
    expect(cached?.entries.length).toBeLessThanOrEqual(127);
  });

  it("stays exact while fan-out fills the timeline over its brim", async () => {
    const [alice, bob] = people as [Person, Person];
    await app.page(bob);
    for (let round = 0; round < 5; round += 1) {
      await app.posts(alice, 9);
      await app.settled();
      await expectExact(100);
    }
    const cached = await app.feeds().timelines.page(bob.id, undefined, 1_000);
    expect(cached?.floor_ms).not.toBeNull();
    expect(cached!.entries.length).toBeLessThanOrEqual(127);
  });

  it("stays exact when its newest hundred are archived at once, and when they return", async () => {
    const [alice, bob] = people as [Person, Person];
    const newest = (await app.walk(bob)).slice(0, 100);
    const own: string[] = [];
    for (const post_id of newest) {
      const archived = await app
        .as(alice)
        .call("posts.archive", { post_id })
        .catch(() => undefined);
      if (archived !== undefined) own.push(post_id);
    }
    expect(own.length).toBeGreaterThan(50);
    await expectExact(20);
    await app.settled();
    await expectExact(20);
    await app.as(bob).call("newsfeed.rebuild", {});
    await expectExact(50);
    for (const post_id of own) await app.as(alice).call("posts.unarchive", { post_id });
    await app.settled();
    await expectExact(50);
  });
});
