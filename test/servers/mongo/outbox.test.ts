import { tmpdir } from "node:os";
import { openMongoStore } from "../../../mixins/documents/mongo-store";
import { describeOutboxLease, leaseCollections } from "../../mixins/channels/outbox-lease.conformance";
import { longAggregates } from "../../mixins/channels/long-aggregates.conformance";
import { useShop } from "../../mixins/channels/use-shop";
import { describeTwoRelays } from "../../mixins/channels/two-relays.conformance";
import { freshDatabase } from "../../setup/fresh-database";
import { describeOn } from "../../setup/servers";
import { freshMongo } from "./fresh-mongo";

const log = { info: () => undefined, warn: jest.fn(), error: jest.fn() };

describeOn(["MONGODB_URL", "DATABASE_URL"], "with a MongoDB", () => {
  describeOutboxLease("MongoDB", async () => {
    const mongo = freshMongo();
    const store = await openMongoStore({ url: mongo.url, collections: leaseCollections, log });
    return {
      store,
      async close() {
        await store.close();
        await mongo.drop();
      },
    };
  });

  describe("channels with an outbox in MongoDB and a group that was away", () => {
    const mongo = freshMongo();
    longAggregates(useShop("documents", () => ({ MONGODB_URL: mongo.url })));
    afterAll(() => mongo.drop());
  });

  describeTwoRelays("MongoDB", async () => {
    const mongo = freshMongo();
    const database = await freshDatabase();
    return {
      options: {
        home: "documents",
        databaseUrl: database.url,
        dataDir: tmpdir(),
        env: { MONGODB_URL: mongo.url },
      },
      async drop() {
        await mongo.drop();
        await database.drop();
      },
    };
  });
});
