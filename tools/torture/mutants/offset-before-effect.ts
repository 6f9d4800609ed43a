import { diesAt, type Mutant } from "./mutant";

export const offsetBeforeEffect: Mutant = {
  name: "offset-before-effect",
  about: "A consumer commits the offset of a message before its effect is stored.",
  edits: [
    {
      file: "dist/mixins/channels/kafka/batch-handler.js",
      find: "            if (!(await this.handleOne(message)))\n                return;\n            this.progress.finish((0, messages_1.offsetOf)(message));",
      put: "            this.progress.finish((0, messages_1.offsetOf)(message));\n            await this.commit();\n            if (!(await this.handleOne(message)))\n                return;",
    },
  ],
  scenario: {
    ...{ seed: 1, seconds: 4, people: 6, postsPerSecond: 15 },
    mix: { post: 2, follow: 10, walk: 2 },
    faults: diesAt("channels.before-effect"),
  },
};
