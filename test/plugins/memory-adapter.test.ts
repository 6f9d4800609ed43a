import { MemoryAdapter } from "moleculer-db";
import { type Adapter, describeDbAdapter } from "./db-adapter.conformance";

// What holds for moleculer-db's own adapter is what ours for MongoDB is held against: see test/servers/mongo.
describeDbAdapter("NeDB", () => ({
  adapter: new MemoryAdapter() as unknown as Adapter,
  read: (cursor) => (cursor as { execAsync(): Promise<never[]> }).execAsync(),
  drop: async () => undefined,
}));
