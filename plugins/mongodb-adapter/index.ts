export { MongoDbAdapter, type MongoDbAdapterOptions } from "./mongodb-adapter";
export { clientOptions } from "./client-options";
export { type IndexFields } from "./collection";
export { RunAgainError, runTransaction, type TransactionOptions } from "./run-transaction";
