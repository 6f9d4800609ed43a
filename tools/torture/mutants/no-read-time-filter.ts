import { type Mutant, noFaults } from "./mutant";

export const noReadTimeFilter: Mutant = {
  name: "no-read-time-filter",
  about: "Posts are shown without asking who may see their author now.",
  edits: [
    {
      file: "dist/services/posts/present-posts.js",
      find: '    return visibility(post.user_id) === "full" && (!post.is_hidden || post.user_id === viewerId);',
      put: "    return visibility(post.user_id) !== undefined && viewerId > 0;",
    },
  ],
  scenario: {
    ...{ seed: 5, seconds: 12, people: 6, postsPerSecond: 5 },
    mix: { post: 4, readPosts: 10, setPrivate: 4, follow: 3, blockAndLook: 4 },
    faults: noFaults,
  },
};
