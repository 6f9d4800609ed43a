import { openDatabase } from "../../../mixins/postgres/database";
import { isSeenIn, isSnapshot } from "../../../mixins/postgres/snapshot";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";

const log = { info: () => undefined, warn: console.warn, error: console.error };

describe("a snapshot of PostgreSQL", () => {
  let fresh: FreshDatabase;
  let database: ReturnType<typeof openDatabase>;
  beforeAll(async () => {
    fresh = await freshDatabase();
    database = openDatabase({ shardUrls: [fresh.url], log });
    await database.shards[0]!.query("create table letters (name text)");
  });
  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });

  const now = async () => {
    const { rows } = await database.shards[0]!.query<{ snapshot: string }>(
      "select pg_current_snapshot()::text as snapshot",
    );
    return rows[0]!.snapshot;
  };
  const seenIn = async (snapshot: string | null) => {
    const { rows } = await database.shards[0]!.query<{ name: string }>(
      `select name from letters t where ${isSeenIn("$1::pg_snapshot", "t")} order by name`,
      [snapshot],
    );
    return rows.map(({ name }) => name).join("");
  };

  it("shows what was committed before it, also where a transaction that began earlier committed later", async () => {
    const sql = database.shards[0]!;
    const insert = "insert into letters values ($1)";
    await sql.query(insert, ["a"]);
    let between = "";
    await sql.transaction(async (tx) => {
      await tx.query(insert, ["b"]);
      await sql.query(insert, ["c"]);
      between = await now();
      expect(isSnapshot(between)).toBe(true);
      expect(await seenIn(between)).toBe("ac");
    });
    await sql.query(insert, ["d"]);
    expect(await seenIn(between)).toBe("ac");
    expect(await seenIn(await now())).toBe("abcd");
    expect(await seenIn(null)).toBe("");
  });

  it("still shows the rows from before it when transaction ids have more than 32 bits", async () => {
    const [first, end] = (await now()).split(":").map(BigInt) as [bigint, bigint];
    const later = (by: bigint) => `${first + by}:${end + by}:`;
    expect(await seenIn(later(2n ** 32n))).toBe("abcd");
    expect(await seenIn(later(2n ** 31n - 1_000_000n))).toBe("abcd");
  });

  it.each([
    "",
    "1:2",
    "0:1:",
    "3:2:",
    "1:5:5",
    "2:5:1",
    "1:5:3,2",
    "1:5:2,2",
    "1:5:a",
    "1:2::",
    `1:${"9".repeat(20)}:`,
  ])("is not %p", async (text) => {
    expect(isSnapshot(text)).toBe(false);
  });

  it.each(["1:1:", "1:5:2,3", "10:20:10,19"])("may be %p, which PostgreSQL takes too", async (text) => {
    expect(isSnapshot(text)).toBe(true);
    await expect(seenIn(text)).resolves.toBeDefined();
  });
});
