import { diesAt, type Mutant } from "./mutant";

export const noReadyMarker: Mutant = {
  name: "no-ready-marker",
  about: "A timeline that is still being built is read as if it held the whole feed.",
  edits: [
    {
      file: "dist/mixins/redis/timeline-scripts.js",
      find: "  if not marker or marker.state == 'building' then return nil end",
      put: "  if not marker then return nil end\n  if marker.state == 'building' then marker.since, marker.of = clock(), '999999999' end",
    },
  ],
  scenario: {
    ...{ seed: 4, seconds: 4, people: 6, postsPerSecond: 15 },
    mix: { post: 3, walk: 8, refollow: 4 },
    faults: diesAt("timelines.building"),
  },
};
