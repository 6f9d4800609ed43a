import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../lib/project-root";
import { shardKeys } from "../setup/shard-keys";

interface Statement {
  file: string;
  sql: string;
  /** All that stands in the source of the function before and around it. */
  around: string;
}

const services = join(projectRoot, "services");
const repositories = readdirSync(services, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".repository.ts"))
  .map((file) => ({ file, text: readFileSync(join(services, file), "utf8") }));

/** Top-level functions and methods, each with the comment before it. */
function piecesOf(text: string): string[] {
  return text.split(/\n(?=(?:\/\*\*|(?:export )?(?:async )?function |(?:export )?(?:const|class) | {2}\/\*\*))/);
}

const statements: Statement[] = repositories.flatMap(({ file, text }) => {
  let comment = "";
  return piecesOf(text).flatMap((piece) => {
    const around = comment + piece;
    comment = piece.trimStart().startsWith("/**") && !piece.includes("*/\n") ? piece : "";
    return [...piece.matchAll(/`([^`]*)`|"([^"\n]*)"/g)]
      .map(([, template, plain]) => template ?? plain!)
      .filter((sql) => /^\s*\(?\s*(select|insert|update|delete|with)\b/i.test(sql))
      .map((sql) => ({ file, sql, around }));
  });
});

/** Names of tables of the claims are made from a field of the class. */
function withTables({ file, sql }: Statement): string {
  if (!file.endsWith("claims.repository.ts")) return sql;
  return sql.replaceAll("${this.table}", "username_claims").replaceAll("${this.key}", "username");
}

describe("a statement about sharded tables", () => {
  const known = statements.map((statement) => ({ ...statement, sql: withTables(statement) }));
  const aboutSharded = known.flatMap((statement) =>
    Object.entries(shardKeys)
      .filter(([table]) => new RegExp(`\\b(from|join|into|update|using)\\s+${table}\\b`, "i").test(statement.sql))
      .map(([table, key]) => ({ ...statement, table, key })),
  );

  it("is found wherever there is one", () => {
    expect(aboutSharded.length).toBeGreaterThan(90);
    expect(new Set(aboutSharded.map(({ table }) => table)).size).toBeGreaterThanOrEqual(
      // Both kinds of claims are one class.
      Object.keys(shardKeys).length - 1,
    );
  });

  it("names its shard key, or says beside it that it scatters or is about one shard", () => {
    const nameless = aboutSharded.filter(({ sql, table, key, around }) => {
      const inserts = new RegExp(`insert into ${table}\\b[^(]*\\([^)]*\\b${key}\\b`, "i").test(sql);
      const compares = new RegExp(`\\b${key}\\b\\s*(=|in\\b|>|<)|\\(${key},[^)]*\\)\\s*(<|>|=|in\\b)`, "i").test(sql);
      const told = /scatter|shard|names no key/i.test(around);
      return !inserts && !compares && !told;
    });
    expect(nameless.map(({ file, sql }) => `${file}: ${sql.replace(/\s+/g, " ").slice(0, 100)}`)).toEqual([]);
  });
});
