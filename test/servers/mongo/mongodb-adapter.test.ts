import type { FindCursor } from "mongodb";
import { MongoDbAdapter } from "../../../plugins/mongodb-adapter";
import { describeDbAdapter } from "../../plugins/db-adapter.conformance";
import { describeOn } from "../../setup/servers";
import { freshMongo } from "./fresh-mongo";

describeOn(["MONGODB_URL"], "with a MongoDB", () => {
  describeDbAdapter("MongoDB", () => {
    const mongo = freshMongo();
    return {
      adapter: new MongoDbAdapter({ database: mongo.url, collection: "entities" }),
      read: (cursor) => (cursor as FindCursor<never>).toArray(),
      drop: () => mongo.drop(),
    };
  });
});
