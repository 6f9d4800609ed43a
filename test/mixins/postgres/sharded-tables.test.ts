import { newId, newUserId } from "../../../lib/ids";
import { openPostgresHome } from "../../../mixins/channels/postgres-home";
import { migrate } from "../../../mixins/postgres";
import { openDatabase, type OpenDatabase } from "../../../mixins/postgres/database";
import type { Shard } from "../../../mixins/postgres/sql";
import { contracts } from "../../../services/contracts";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";
import { shardKeys, unsharded } from "../../setup/shard-keys";

const SHARDS = 2;
/** Values that a column's own check asks for. */
const asked: Record<string, unknown> = {
  "follows.status": "accepted",
  "blocks.kind": "blocking",
  "graph_repairs.kind": "opened",
  "media.status": "ready",
  "media.kind": "image",
  "media_uploads.kind": "image",
};

interface Column {
  name: string;
  type: string;
  is_needed: boolean;
}

describe("the tables of every service on two shards", () => {
  const databases: FreshDatabase[] = [];
  let sql: OpenDatabase;

  beforeAll(async () => {
    for (let i = 0; i < SHARDS; i += 1) databases.push(await freshDatabase());
    const log = { info: () => undefined, warn: console.warn, error: console.error };
    sql = openDatabase({ shardUrls: databases.map(({ url }) => url), log });
    for (const { name } of contracts) {
      await migrate(sql, [name]);
      await openPostgresHome(sql, name);
    }
  });

  afterAll(async () => {
    await sql?.close();
    for (const database of databases) await database.drop();
  });

  const columnsOf = async (table: string): Promise<Column[]> => {
    const { rows } = await sql.shards[0]!.query<Column>(
      `select column_name as name, data_type as type, is_nullable = 'NO' and column_default is null as is_needed
         from information_schema.columns where table_name = $1`,
      [table],
    );
    return rows;
  };

  async function insert(shard: Shard, table: string, key: number | string): Promise<void> {
    const column = shardKeys[table]!;
    const needed = (await columnsOf(table)).filter(({ name, is_needed }) => is_needed || name === column);
    const values = needed.map(({ name, type }) =>
      name === column ? key : (asked[`${table}.${name}`] ?? valueOf(type)),
    );
    const places = values.map((_, index) => `$${index + 1}`);
    await shard.query(
      `insert into ${table} (${needed.map(({ name }) => name).join(", ")}) values (${places.join(", ")})`,
      values,
    );
  }

  it("are each known: by what they are sharded, or why they are not", async () => {
    const { rows } = await sql.shards[0]!.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
    );
    expect(rows.map(({ name }) => name).filter((name) => !unsharded.test(name))).toEqual(Object.keys(shardKeys).sort());
  });

  it("take a row on the shard of its key, and refuse it on the other", async () => {
    // A session belongs to an account, an unfinished upload to the note that its objects are to go.
    const account = newUserId();
    const upload = newId();
    for (const table of ["users", ...Object.keys(shardKeys).filter((name) => name !== "users")]) {
      const type = (await columnsOf(table)).find(({ name }) => name === shardKeys[table])?.type;
      const key = type === "bigint" ? account : upload;
      const own = sql.at(key);
      const other = sql.shards.find((shard) => shard.index !== own.index)!;
      await insert(own, table, key);
      const misplaced = insert(other, table, key).then(
        () => "taken",
        (error: { code: string }) => error.code,
      );
      expect([table, await misplaced]).toEqual([table, "23514"]);
    }
  });

  it("are not read under another order or number of shards", async () => {
    const log = { info: () => undefined, warn: console.warn, error: console.error };
    const [first, second] = databases.map(({ url }) => url);
    for (const shardUrls of [[second!, first!], [first!]]) {
      const wrong = openDatabase({ shardUrls, log });
      await expect(migrate(wrong, ["graph"])).rejects.toThrow(/is shard \d of 2 and is configured as shard/);
      await wrong.close();
    }
  });
});

function valueOf(type: string): unknown {
  if (type === "bigint") return 1;
  if (type === "bytea") return Buffer.alloc(1);
  if (type.startsWith("timestamp")) return new Date();
  if (type === "boolean") return false;
  return "x";
}
