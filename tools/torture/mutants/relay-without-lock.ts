import { type Mutant, noFaults } from "./mutant";

export const relayWithoutLock: Mutant = {
  name: "relay-without-lock",
  about: "Every node relays every outbox, whoever else does so at the same time.",
  edits: [
    {
      file: "dist/mixins/channels/postgres-outbox.js",
      find: "this.shard.withLock(`relay:${this.service}`",
      put: "this.shard.withLock(`relay:${this.service}:${process.pid}`",
    },
    {
      file: "dist/mixins/channels/documents-outbox.js",
      find: 'OutboxLease(documents, "outbox")',
      put: "OutboxLease(documents, `outbox:${process.pid}`)",
    },
  ],
  scenario: {
    ...{ seed: 7, seconds: 15, people: 4, postsPerSecond: 0, settleSeconds: 30 },
    mix: { post: 1, like: 20, follow: 10 },
    faults: noFaults,
  },
};
