import { byNewest, type TimelineEntry } from "../../mixins/redis";
import { mergeNewest } from "../../services/newsfeed/merge-newest";
import { seededRandom } from "../setup/seeded-random";

describe("mergeNewest", () => {
  const random = seededRandom(7);
  const below = (n: number) => Math.floor(random() * n);
  const entry = (): TimelineEntry => ({
    post_id: below(400).toString(16).padStart(24, "0"),
    user_id: 1,
    created_at_ms: 0,
  });
  /** A post has one time wherever it stands, and several share a millisecond. */
  const timed = (one: TimelineEntry): TimelineEntry => ({ ...one, created_at_ms: parseInt(one.post_id, 16) % 90 });
  const distinct = (entries: TimelineEntry[]) => [...new Map(entries.map((one) => [one.post_id, one])).values()];

  it("answers what sorting all of it would, for any number of lists", () => {
    for (let round = 0; round < 300; round += 1) {
      const lists = Array.from({ length: below(12) }, () =>
        distinct(Array.from({ length: below(40) }, () => timed(entry()))).sort(byNewest),
      );
      const limit = below(60);
      expect(mergeNewest(lists, limit)).toEqual(distinct(lists.flat()).sort(byNewest).slice(0, limit));
    }
  });

  it("leaves the lists as they are", () => {
    const lists = [[timed(entry())], [timed(entry())]];
    const before = structuredClone(lists);
    mergeNewest(lists, 5);
    expect(lists).toEqual(before);
  });
});
