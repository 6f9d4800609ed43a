import { setTimeout as sleep } from "node:timers/promises";
import type { Person } from "../../setup/use-app";
import { describeOn } from "../../setup/servers";
import { usePosts } from "../../posts/use-posts";
import { freshMongo } from "./fresh-mongo";

const PEOPLE = 50;
const A_SECOND = 100;
const SECONDS = 3;

describeOn(["MONGODB_URL", "DATABASE_URL"], "a hot post on MongoDB", () => {
  const mongo = freshMongo();
  const app = usePosts({ env: { MONGODB_URL: mongo.url } });
  afterAll(() => mongo.drop());

  it(`bears ${PEOPLE} people who like and unlike it, ${A_SECOND} times a second: none fails, and the count is exact`, async () => {
    const alice = await app.user("alice");
    const fans: Person[] = [];
    for (let i = 0; i < PEOPLE; i += 1) fans.push(await app.user("fan"));
    const { id: post_id } = await app.post(alice);

    const durations: number[] = [];
    const failures: string[] = [];
    /** Each likes at their odd turns and unlikes at their even ones, and does not wait for the turn before. */
    const turn = async (n: number): Promise<void> => {
      const action = Math.floor(n / PEOPLE) % 2 === 0 ? "posts.like" : "posts.unlike";
      const startedMs = performance.now();
      await app
        .as(fans[n % PEOPLE]!)
        .call(action, { post_id })
        .catch((error: unknown) => failures.push(String(error)));
      durations.push(performance.now() - startedMs);
    };
    const turns: Promise<void>[] = [];
    const startedMs = performance.now();
    for (let n = 0; n < A_SECOND * SECONDS; n += 1) {
      await sleep(Math.max(0, startedMs + (n * 1000) / A_SECOND - performance.now()));
      turns.push(turn(n));
    }
    const askedMs = performance.now() - startedMs;
    await Promise.all(turns);
    durations.sort((a, b) => a - b);
    const [p50, p99] = [durations[durations.length >> 1]!, durations[Math.floor(durations.length * 0.99)]!];
    console.info(
      `${turns.length} in ${Math.round(askedMs)} ms, half within ${Math.round(p50)} ms, 99 % in ${Math.round(p99)} ms`,
    );

    expect(failures).toEqual([]);
    const edges = await app.documents().count("likes", { post_id });
    const { like_count } = await app.as(alice).call("posts.stats", { post_id });
    expect(like_count).toBe(edges);
    const events = await app.published("post.liked");
    expect(events.reduce((total, { is_liked }) => total + (is_liked ? 1 : -1), 0)).toBe(edges);
    // A person's likes and unlikes that came in their order alternate.
    for (const { id } of fans) {
      const states = events.filter(({ actor_id }) => actor_id === id).map(({ is_liked }) => is_liked);
      expect(states).toEqual(states.map((_, i) => i % 2 === 0));
    }
  });
});
