import { type Mutant, noFaults } from "./mutant";

export const noVersionCheck: Mutant = {
  name: "no-version-check",
  about: "A feed is shown however many follows were made since it was built.",
  edits: [
    {
      file: "dist/services/newsfeed/feed-metadata.repository.js",
      find: "    return state !== undefined && !state.is_stale && state.following_version >= followingVersion;",
      put: "    return state !== undefined && !state.is_stale && state.following_version <= 2 ** 52 + followingVersion;",
    },
    {
      file: "dist/services/newsfeed/feed-skeleton.js",
      find: "    if (cached === undefined || cached.following_version < following_version) {",
      put: "    if (cached === undefined) {",
    },
    {
      file: "dist/services/newsfeed/read-warm.js",
      find: "page.following_version < sources.following_version || ",
      put: "",
    },
  ],
  scenario: {
    ...{ seed: 6, seconds: 12, people: 6, postsPerSecond: 5 },
    mix: { post: 5, refollow: 10, walk: 4 },
    faults: noFaults,
  },
};
