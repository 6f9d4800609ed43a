import { randomBytes } from "node:crypto";
import { Client } from "pg";

export interface FreshDatabase {
  url: string;
  drop(): Promise<void>;
}

/** An empty database of its own, on the PostgreSQL of this run unless another server is given. */
export async function freshDatabase(server = serverUrl()): Promise<FreshDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await onServer(server, `create database ${name} template template0 strategy wal_log`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(server, `drop database if exists ${name} with (force)`) };
}

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL;
  if (!url) throw new Error("TEST_DATABASE_URL is not set: run the tests through Jest, whose setup starts PostgreSQL.");
  return url;
}

async function onServer(server: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
