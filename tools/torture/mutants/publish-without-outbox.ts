import { diesAt, type Mutant } from "./mutant";

export const publishWithoutOutbox: Mutant = {
  name: "publish-without-outbox",
  about: "An event is sent after the commit of its fact, and written nowhere before.",
  edits: [
    {
      file: "dist/mixins/channels/post-office.js",
      find: "        await this.homeOrThrow().write(tx, entries);",
      put: `        const rows = entries.map(({ event, key, request_id }) => ({
            ...{ id: event.event_id, event, key, request_id, acked: [], faults: {}, attempts: 0, previous: null },
        }));
        tx.afterCommit(() => void this.delivery.transport.send(rows));`,
    },
  ],
  scenario: {
    ...{ seed: 2, seconds: 4, people: 6, postsPerSecond: 15 },
    mix: { post: 2, follow: 10, walk: 2 },
    faults: diesAt("outbox.committed"),
  },
};
