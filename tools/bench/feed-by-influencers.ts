import type { Benchmark } from "./benchmark";
import { crowdedNode } from "./feed-crowd";
import { PAGE } from "./feed-scene";
import { type FeedCase, feedSweep } from "./feed-sweep";

const FOLLOWED = [0, 5, 50, 500] as const;
const MOST = 500;
/** Of each case. */
const READERS = 32;
/** From so many followers on an author is an influencer. All readers together are fewer. */
const THRESHOLD = 150;

export const feedByInfluencers: Benchmark = {
  names: ["feed_read_by_influencers"],
  about: `Warm feed pages/s of ${READERS} readers who follow ${MOST} influencers, to those of ${READERS} who follow none, on one node. All of them follow ${PAGE} authors who are none; each author posted once, the influencers last.`,
  async run(lab) {
    const open = await crowdedNode(lab, {
      sizes: { readers: READERS * FOLLOWED.length, authors: MOST + PAGE, others: THRESHOLD },
      follows: ({ readers, authors, others }) => {
        const influencers = authors.slice(PAGE);
        const everyone = (who: readonly number[], whom: readonly number[]) =>
          who.flatMap((follower) => whom.map((following): [number, number] => [follower, following]));
        const ofCases = FOLLOWED.map((count, i) =>
          everyone(readers.slice(i * READERS, (i + 1) * READERS), influencers.slice(MOST - count)),
        );
        return [...everyone(others, influencers), ...everyone(readers, authors.slice(0, PAGE)), ...ofCases.flat()];
      },
      posts: MOST + PAGE,
      settings: { INFLUENCER_FOLLOWERS: String(THRESHOLD) },
    });
    const connections = await open();
    const cases = FOLLOWED.map((size, i): FeedCase => {
      return { size, readers: connections.slice(i * READERS, (i + 1) * READERS) };
    });
    const title = "Warm feed reads by the number of followed influencers";
    return feedSweep(
      { name: "feed_read_by_influencers", title, label: "influencers that a reader follows" },
      cases,
    );
  },
};
