import type { Post } from "../../services/posts/posts.contract";
import { seededRandom } from "../setup/seeded-random";
import type { Person } from "../setup/use-app";
import { useFeeds } from "./use-feeds";

const OPERATIONS = 300;
const SEED = 20_261_123;

describe("every feed", () => {
  const app = useFeeds({ env: { INFLUENCER_FOLLOWERS: "4", FEED_MAX_ITEMS: "15" } });

  it(`is exactly what a feed is after ${OPERATIONS} random operations, at every pause and from every cache`, async () => {
    const random = seededRandom(SEED);
    const pick = <T>(all: readonly T[]): T | undefined => all[Math.floor(random() * all.length)];
    const people: Person[] = [];
    for (let i = 0; i < 8; i += 1) people.push(await app.user("person"));
    const admin = { ...(await app.user("admin")), role: "admin" as const };
    const posts: Post[] = [];
    const isOn = new Set<string>();
    const flip = (key: string): boolean => (isOn.delete(key) ? false : Boolean(isOn.add(key)));
    const authorOf = (post: Post) => people.find(({ id }) => id === post.user_id)!;

    const act = async (): Promise<unknown> => {
      const [a, b, post] = [pick(people)!, pick(people)!, pick(posts)];
      const as = app.as(a);
      const user_id = b.id;
      const chance = random();
      if (chance < 0.24) return app.post(a).then((made) => posts.push(made));
      if (chance < 0.5 && a !== b) return as.call("graph.follow", { user_id });
      if (chance < 0.58 && a !== b) return as.call("graph.unfollow", { user_id });
      if (chance < 0.62 && a !== b)
        return as.call(flip(`m${a.id}:${user_id}`) ? "graph.mute" : "graph.unmute", { user_id });
      if (chance < 0.64 && a !== b)
        return as.call(flip(`b${a.id}:${user_id}`) ? "graph.block" : "graph.unblock", { user_id });
      if (chance < 0.67) return as.call("auth.updateProfile", { is_private: flip(`p${a.id}`) });
      if (chance < 0.7) return app.as(admin).call("auth.updateAccount", { user_id, is_suspended: flip(`s${user_id}`) });
      if (post === undefined) return undefined;
      const post_id = post.id;
      if (chance < 0.75) {
        posts.splice(posts.indexOf(post), 1);
        return app.as(authorOf(post)).call("posts.delete", { post_id });
      }
      if (chance < 0.83)
        return app.as(authorOf(post)).call(flip(`a${post_id}`) ? "posts.archive" : "posts.unarchive", { post_id });
      if (chance < 0.88) return as.call(random() < 0.6 ? "newsfeed.hide" : "newsfeed.unhide", { post_id });
      if (chance < 0.9) return as.call("newsfeed.rebuild", {});
      if (chance < 0.92) return app.feeds().sweep();
      return app.page(a, 5);
    };

    let refused = 0;
    for (let i = 0; i < OPERATIONS; i += 3) {
      // What is refused (a block stands between the two, a post is gone) changes nothing, and that is checked too.
      const group = await Promise.allSettled([act(), act(), act()]);
      for (const result of group) {
        if (result.status === "fulfilled") continue;
        refused += 1;
        expect([404, 422]).toContain((result.reason as { code?: unknown }).code);
      }
      if (i % 60 === 0) await app.expectExact(...people);
    }
    await app.expectExact(...people);
    expect(refused).toBeLessThan(OPERATIONS / 3);

    await app.feeds().timelines.invalidate(people.map(({ id }) => id));
    await app.expectExact(...people);
    for (const person of people) await app.as(person).call("newsfeed.rebuild", {});
    await app.expectExact(...people);
    while (!(await app.feeds().sweep()));
    await app.expectExact(...people);
  }, 120_000);
});
