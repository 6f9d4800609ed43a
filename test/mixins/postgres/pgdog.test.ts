import { newUserId } from "../../../lib/ids";
import { openDatabase, type OpenDatabase } from "../../../mixins/postgres/database";
import type { Log } from "../../../mixins/postgres/log";
import { shardOf } from "../../../mixins/postgres/placement";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";

const SHARDS = 2;
const log: Log = { info: () => undefined, warn: console.warn, error: console.error };

/** A PostgreSQL stands where a pgdog would, and tells what reached it: no pgdog can be had where these tests run. */
describe("a database behind a pgdog", () => {
  const databases: FreshDatabase[] = [];
  let sql: OpenDatabase;

  beforeAll(async () => {
    for (let i = 0; i < SHARDS + 1; i += 1) databases.push(await freshDatabase());
    const [proxy, ...shards] = databases.map(({ url }) => url);
    sql = openDatabase({ shardUrls: shards, proxyUrl: proxy, log });
  });

  afterAll(async () => {
    await sql?.close();
    for (const database of databases) await database.drop();
  });

  const nameOf = ({ url }: FreshDatabase) => new URL(url).pathname.slice(1);

  it("is sent each statement with the number of its shard in front", async () => {
    for (const key of [...Array.from({ length: 10 }, newUserId), "alice", "zoë@example.com"]) {
      const { rows } = await sql
        .at(key)
        .query<{ sent: string; place: string }>("select current_query() as sent, current_database() as place, $1", [1]);
      expect(rows[0]?.sent).toMatch(new RegExp(`^/\\* pgdog_shard: ${shardOf(key, SHARDS)} \\*/ select`));
      expect(rows[0]?.place).toBe(nameOf(databases[0]!));
    }
  });

  it("is sent each statement that scatters once for each shard", async () => {
    const sent = await Promise.all(
      sql.shards.map((shard) => shard.query<{ sent: string }>("select current_query() as sent")),
    );
    expect(sent.map(({ rows }) => rows[0]?.sent)).toEqual([
      "/* pgdog_shard: 0 */ select current_query() as sent",
      "/* pgdog_shard: 1 */ select current_query() as sent",
    ]);
  });

  it("is told a key of its shard first in a transaction, and only for that transaction", async () => {
    const settingOf = "select current_setting('pgdog.sharding_key', true) as key";
    for (const key of Array.from({ length: 10 }, newUserId)) {
      const shard = sql.at(key);
      const told = await shard.transaction(async (tx) => (await tx.query<{ key: string }>(settingOf)).rows[0]?.key);
      expect(shardOf(Number(told), SHARDS)).toBe(shard.index);
      expect((await shard.query<{ key: string }>(settingOf)).rows[0]?.key ?? "").toBe("");
    }
  });

  it("is passed by where a session must be one server's: locks and changes of tables", async () => {
    const placeOf = "select current_database() as place";
    for (const shard of sql.shards) {
      const locked = await shard.withLock("here", async (at) => (await at.query<{ place: string }>(placeOf)).rows[0]);
      const migrated = await shard.migration(async (tx) => (await tx.query<{ place: string }>(placeOf)).rows[0]);
      expect([locked?.place, migrated?.place]).toEqual(Array(2).fill(nameOf(databases[1 + shard.index]!)));
    }
  });
});
