import { openMongoStore } from "../../../mixins/documents/mongo-store";
import { conformanceCollections, describeDocumentStore } from "../../mixins/documents/document-store.conformance";
import { describeOn } from "../../setup/servers";
import { freshMongo } from "./fresh-mongo";

const log = { info: () => undefined, warn: jest.fn(), error: jest.fn() };

describeOn(["MONGODB_URL"], "with a MongoDB", () => {
  describeDocumentStore("MongoDB", async () => {
    const mongo = freshMongo();
    const store = await openMongoStore({ url: mongo.url, collections: conformanceCollections, log });
    return {
      store,
      async close() {
        await store.close();
        await mongo.drop();
      },
    };
  });
});
