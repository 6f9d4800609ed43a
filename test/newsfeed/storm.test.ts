import { Storm } from "./storm";
import { useFeeds } from "./use-feeds";

const OPERATIONS = 300;
const SEED = 20_261_123;

describe("every feed", () => {
  const app = useFeeds({ env: { INFLUENCER_FOLLOWERS: "4", FEED_MAX_ITEMS: "15" } });

  it(`is exactly what a feed is after ${OPERATIONS} random operations, at every pause and from every cache`, async () => {
    const storm = new Storm(app, SEED);
    await storm.begin();
    const { people } = storm;
    let refused = 0;
    for (let i = 0; i < OPERATIONS; i += 3) {
      // What is refused changes nothing, and that is checked too.
      refused += await storm.gust();
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
