import os from "node:os";
import type { MongoClientOptions } from "mongodb";

/** What an acknowledged write survives, and how long anybody waits for a server that does not answer: whatever a URL says of these. */
export const clientOptions: MongoClientOptions = {
  writeConcern: { w: "majority", journal: true },
  readConcern: { level: "majority" },
  readPreference: "primary",
  retryWrites: true,
  retryReads: true,
  serverSelectionTimeoutMS: 2_000,
  connectTimeoutMS: 2_000,
  socketTimeoutMS: 10_000,
  waitQueueTimeoutMS: 5_000,
  maxPoolSize: 50,
  // Left to itself the driver imports it in a way that Jest's sandbox refuses, and then no server takes its greeting.
  runtimeAdapters: { os },
};
