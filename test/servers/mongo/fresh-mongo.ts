import { randomBytes } from "node:crypto";
import { MongoClient } from "mongodb";
import { clientOptions } from "../../../plugins/mongodb-adapter";
import { serverUrl } from "../../setup/servers";

export interface FreshMongo {
  /** With the name of a database of its own. */
  url: string;
  drop(): Promise<void>;
}

/** An empty database of its own on the MongoDB of this run. */
export function freshMongo(server = serverUrl("MONGODB_URL")): FreshMongo {
  const url = new URL(server);
  url.pathname = `/test_${randomBytes(8).toString("hex")}`;
  return { url: url.href, drop: () => dropDatabase(url.href) };
}

async function dropDatabase(url: string): Promise<void> {
  const client = new MongoClient(url, clientOptions);
  try {
    await client.db().dropDatabase();
  } finally {
    await client.close();
  }
}
