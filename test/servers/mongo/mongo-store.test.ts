import { setTimeout as sleep } from "node:timers/promises";
import { UnavailableError } from "../../../lib/errors";
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

  it("is unavailable to a transaction that did not come to its end in time, and stores nothing of it", async () => {
    const mongo = freshMongo();
    const collections = { notes: { indexes: [] } };
    const store = await openMongoStore({ url: mongo.url, collections, log, transactionTimeoutMs: 1 });
    const late = store.transaction(async (tx) => {
      await tx.insert("notes", { _id: "late" });
      await sleep(1_500);
    });
    await expect(late).rejects.toThrow(UnavailableError);
    expect(await store.get("notes", "late")).toBeNull();
    await store.close();
    await mongo.drop();
  });
});
