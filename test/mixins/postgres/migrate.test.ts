import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newUserId } from "../../../lib/ids";
import { openDatabase, type OpenDatabase } from "../../../mixins/postgres/database";
import { ensureOnce, migrate } from "../../../mixins/postgres/migrate";
import { freshDatabase, type FreshDatabase } from "../../setup/fresh-database";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

describe("migrate", () => {
  let root: string;
  let fresh: FreshDatabase[];
  let database: OpenDatabase;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "emulsion-migrate-"));
    fresh = [await freshDatabase()];
    database = openDatabase({ shardUrls: [fresh[0]!.url], log });
  });

  afterEach(async () => {
    await database.close();
    for (const one of fresh) await one.drop();
    await rm(root, { recursive: true, force: true });
  });

  async function file(service: string, name: string, sql: string): Promise<void> {
    const folder = join(root, "services", service, "migrations");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, name), sql);
  }

  const titles = async (): Promise<string[]> => {
    const { rows } = await database.at(1).query<{ title: string }>("select title from notes order by id");
    return rows.map((row) => row.title);
  };

  it("applies files by number, each once, and new ones later", async () => {
    await file("graph", "0002-second.sql", "insert into notes (title) values ('second')");
    await file(
      "graph",
      "0001-first.sql",
      "create table notes (id serial, title text); insert into notes (title) values ('first')",
    );
    await migrate(database, ["graph"], root);
    await migrate(database, ["graph"], root);
    expect(await titles()).toEqual(["first", "second"]);

    await file("graph", "0010-third.sql", "insert into notes (title) values ('third')");
    await migrate(database, ["graph", "nothing-to-migrate"], root);
    expect(await titles()).toEqual(["first", "second", "third"]);
  });

  it("applies each once however many nodes start together", async () => {
    await file("graph", "0001-first.sql", "create table notes (id serial, title text)");
    await file("graph", "0002-second.sql", "select pg_sleep(0.05); insert into notes (title) values ('once')");
    const nodes = Array.from({ length: 6 }, () => openDatabase({ shardUrls: [fresh[0]!.url], log }));
    await Promise.all(nodes.map((node) => migrate(node, ["graph"], root)));
    await Promise.all(nodes.map((node) => node.close()));

    expect(await titles()).toEqual(["once"]);
  });

  it("refuses a file that was changed after it was applied, but not for its line ends", async () => {
    await file("graph", "0001-first.sql", "create table notes (\nid serial, title text)");
    await migrate(database, ["graph"], root);
    await file("graph", "0001-first.sql", "create table notes (\r\nid serial, title text)");
    await migrate(database, ["graph"], root);
    await file("graph", "0001-first.sql", "create table notes (id serial, title text, extra int)");

    await expect(migrate(database, ["graph"], root)).rejects.toThrow(/0001-first\.sql was changed/);
  });

  it("leaves nothing of a file that fails, and names it", async () => {
    await file("graph", "0001-first.sql", "create table notes (id serial, title text)");
    await file("graph", "0002-bad.sql", "insert into notes (title) values ('half'); select 1/0");
    await expect(migrate(database, ["graph"], root)).rejects.toThrow(/0002-bad\.sql: division by zero/);
    expect(await titles()).toEqual([]);

    await file("graph", "0002-bad.sql", "insert into notes (title) values ('mended')");
    await migrate(database, ["graph"], root);
    expect(await titles()).toEqual(["mended"]);
  });

  it.each([
    ["a misnamed file", "1-first.sql", /not named as a migration/],
    ["a number given twice", "0001-again.sql", /number of another migration/],
  ])("refuses %s", async (_, name, complaint) => {
    await file("graph", "0001-first.sql", "select 1");
    await file("graph", name, "select 1");
    await expect(migrate(database, ["graph"], root)).rejects.toThrow(complaint);
  });

  it("tells each shard its number, so that a row at the wrong one is an error", async () => {
    fresh.push(await freshDatabase(), await freshDatabase());
    const sharded = openDatabase({ shardUrls: fresh.map(({ url }) => url), log });
    await file(
      "graph",
      "0001-first.sql",
      "create table rows (key bigint check (satisfies_hash_partition('placement'::regclass, {{shards}}, {{shard}}, key)))",
    );
    await migrate(sharded, ["graph"], root);

    const keys = Array.from({ length: 60 }, newUserId);
    for (const key of keys) await sharded.at(key).query("insert into rows values ($1)", [key]);
    const key = keys[0]!;
    const wrong = sharded.shards.find((shard) => shard !== sharded.at(key))!;
    await expect(wrong.query("insert into rows values ($1)", [key])).rejects.toMatchObject({ code: "23514" });
    await sharded.close();
  });

  describe("ensureOnce", () => {
    it("runs a named piece once for each service, and refuses it changed", async () => {
      const sql =
        "create table if not exists notes (id serial, title text); insert into notes (title) values ('outbox')";
      await Promise.all([1, 2, 3].map(() => ensureOnce(database, "graph", "outbox", sql)));
      await ensureOnce(database, "auth", "outbox", sql);
      expect(await titles()).toEqual(["outbox", "outbox"]);

      await expect(ensureOnce(database, "graph", "outbox", `${sql};`)).rejects.toThrow(/was changed/);
    });
  });
});
