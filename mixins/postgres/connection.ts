import { createHash } from "node:crypto";
import { Pool, types, type PoolClient, type PoolConfig, type QueryConfig, type QueryResultRow } from "pg";
import { UnavailableError } from "../../lib/errors";
import type { Log } from "./log";
import type { Rows } from "./sql";

const BIGINT = 20;
const BIGINT_ARRAY = 1016;
const INTEGER_ARRAY = 1007;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 30_000;
/** Texts beyond these are taken for generated ones, which a server should not be asked to remember. */
const STATEMENT_LIMIT = 1_000;

/** Our bigint values (52-bit ids, counters, milliseconds) are exact as Numbers. */
const parsers: PoolConfig["types"] = {
  getTypeParser: ((oid: number, format?: "text") => {
    if (oid === BIGINT) return Number;
    return types.getTypeParser(oid === BIGINT_ARRAY ? INTEGER_ARRAY : oid, format ?? "text") as unknown;
  }) as typeof types.getTypeParser,
};

export function openPool(url: string, max: number, log: Log): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    keepAlive: true,
    types: parsers,
  });
  pool.on("error", (error) => log.warn("An idle PostgreSQL connection broke:", error.message));
  // The pool listens only to idle connections: one that breaks between two statements of a transaction would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  return pool;
}

type Queryable = Pool | PoolClient;

/** Runs a statement, prepared once per connection when it has parameters; without any it may be several statements. */
export async function run<Row extends QueryResultRow>(
  on: Queryable,
  text: string,
  params?: readonly unknown[],
): Promise<Rows<Row> & { command: string }> {
  try {
    const { rows, rowCount, command } = await on.query<Row>(statement(text, params));
    return { rows, rowCount: rowCount ?? 0, command };
  } catch (error) {
    throw asUnavailable(error);
  }
}

export async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw asUnavailable(error);
  }
}

const names = new Map<string, string>();

function statement(text: string, params?: readonly unknown[]): QueryConfig {
  if (!params?.length) return { text };
  let name = names.get(text);
  if (name === undefined && names.size < STATEMENT_LIMIT) {
    name = createHash("sha256").update(text).digest("base64url").slice(0, 24);
    names.set(text, name);
  }
  return { text, values: params as unknown[], name };
}

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "EAI_AGAIN",
]);

/** Classes 08 and 57P: the connection or the server went away; 53300: it has no connection to spare. */
function asUnavailable(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  const isUnreachable = code
    ? UNREACHABLE.has(code) || code.startsWith("08") || code.startsWith("57P") || code === "53300"
    : /^(Connection terminated|timeout expired|timeout exceeded|Client has encountered a connection error)/i.test(
        message,
      );
  if (!isUnreachable) return error;
  return Object.assign(new UnavailableError(), { cause: error });
}
