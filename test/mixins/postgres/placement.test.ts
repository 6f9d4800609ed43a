import { Client } from "pg";
import { newUserId, newId } from "../../../lib/ids";
import { shardOf } from "../../../mixins/postgres/placement";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";

describe("shardOf", () => {
  let fresh: FreshDatabase;
  let client: Client;

  beforeAll(async () => {
    fresh = await freshDatabase();
    client = new Client({ connectionString: fresh.url });
    await client.connect();
    await client.query(`
      create table placement (key bigint) partition by hash (key);
      create table placement_text (key text collate "C") partition by hash (key)`);
  });

  afterAll(async () => {
    await client.end();
    await fresh.drop();
  });

  /** How many of these keys the server puts where we put them. */
  async function agreeing(
    table: string,
    type: string,
    keys: readonly (number | string)[],
    shards: number,
  ): Promise<number> {
    const { rows } = await client.query<{ n: number }>(
      `select count(*)::int as n from unnest($1::${type}[], $2::int[]) as t(key, shard)
       where satisfies_hash_partition('${table}'::regclass, $3, shard, key)`,
      [keys, keys.map((key) => shardOf(key, shards)), shards],
    );
    return rows[0]!.n;
  }

  it.each([2, 3, 7, 16, 1000])("puts bigint keys where PostgreSQL puts them, with %d shards", async (shards) => {
    const edges = [0, 1, 2, 255, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 52, Number.MAX_SAFE_INTEGER];
    const keys = [
      ...edges,
      ...edges.map((key) => -key - 1).filter(Number.isSafeInteger),
      ...Array.from({ length: 4000 }, newUserId),
    ];

    expect(await agreeing("placement", "bigint", keys, shards)).toBe(keys.length);
  });

  it.each([2, 3, 7, 16, 1000])("puts text keys where PostgreSQL puts them, with %d shards", async (shards) => {
    const ofEveryLength = Array.from({ length: 60 }, (_, length) =>
      [..."abcdefghij한국어🎉éß".repeat(6)].slice(0, length).join(""),
    );
    const keys = [...ofEveryLength, ...Array.from({ length: 4000 }, () => newId())];

    expect(await agreeing("placement_text", "text", keys, shards)).toBe(keys.length);
  });

  it("spreads keys evenly", () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) counts[shardOf(newUserId(), 4)]!++;

    for (const count of counts) expect(Math.abs(count - 5_000)).toBeLessThan(500);
  });

  it("refuses a number that is not exact", () => {
    expect(() => shardOf(2 ** 53, 2)).toThrow(RangeError);
    expect(() => shardOf(1.5, 2)).toThrow(RangeError);
  });
});
