import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { migrationFiles } from "../../mixins/postgres/migration-files";
import { contracts } from "../../services/contracts";
import { readCompose } from "./compose-file";

interface PgdogConfig {
  databases: { name: string; host: string; shard: number }[];
  sharded_tables: { database: string; name: string; column: string; data_type: string }[];
  omnisharded_tables: { database: string; tables: string[] }[];
}

/** Tables of all services, with the key that places their rows: none where they are the same on every shard. */
async function tables(): Promise<{ name: string; key?: [column: string, placement: string] }[]> {
  const files = (await Promise.all(contracts.map(({ name }) => migrationFiles(name)))).flat();
  return files
    .flatMap(({ sql }) => [...sql.matchAll(/create table (\w+) \(([\s\S]*?)\n\);/g)])
    .map(([, name, body]) => {
      const check = /satisfies_hash_partition\('(placement\w*)'::regclass, [^,]+, [^,]+, (\w+)\)/.exec(body!);
      return check === null ? { name: name! } : { name: name!, key: [check[2]!, check[1]!] };
    });
}

describe("pgdog.toml", () => {
  let config: PgdogConfig;
  beforeAll(async () => {
    const { parse } = await import("smol-toml");
    config = parse(await readFile(join(projectRoot, "deploy/pgdog/pgdog.toml"), "utf8")) as unknown as PgdogConfig;
  });

  it("shards every table by the key that its rows are held to", async () => {
    const types: Record<string, string> = { placement: "bigint", placement_text: "varchar" };
    const sharded = (await tables()).filter(({ key }) => key !== undefined);
    expect(sharded.length).toBeGreaterThan(10);
    const expected = sharded.map(({ name, key }) => ({
      database: "emulsion",
      name,
      column: key![0],
      data_type: types[key![1]],
    }));
    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
    expect([...config.sharded_tables].sort(byName)).toEqual(expected.sort(byName));
  });

  it("knows the tables that are the same on every shard", async () => {
    const everywhere = (await tables()).filter(({ key }) => key === undefined).map(({ name }) => name);
    expect(config.omnisharded_tables).toEqual([{ database: "emulsion", tables: everywhere }]);
  });

  it("has the shards of DATABASE_SHARDS, in their order", () => {
    const { environment } = readCompose("docker-compose.yml").services["auth"]!;
    const urls = String(environment!["DATABASE_SHARDS"]).split(",");
    expect(config.databases).toEqual(
      urls.map((url, shard) => ({ name: new URL(url).pathname.slice(1), host: new URL(url).hostname, shard })),
    );
  });
});
