import { diesAt, type Mutant } from "./mutant";

export const noUniqueKey: Mutant = {
  name: "no-unique-key",
  about: "Nothing keeps a post that is delivered twice from being in a feed twice.",
  edits: [
    {
      file: "services/newsfeed/migrations/0001-newsfeed.sql",
      find: "  created_at timestamptz(3) not null default now(),\n  primary key (user_id, post_created_at, post_id)\n",
      put: "  created_at timestamptz(3) not null default now()\n",
    },
  ],
  scenario: {
    ...{ seed: 3, seconds: 4, people: 6, postsPerSecond: 25 },
    mix: { post: 4, walk: 8 },
    faults: diesAt("channels.effect-done"),
  },
};
