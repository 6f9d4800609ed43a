import type { Pool, QueryResultRow } from "pg";
import { connect, openPool, run } from "./connection";
import type { Log } from "./log";
import { shardOf } from "./placement";
import { routesThrough, type Route } from "./proxy";
import type { Database, Rows, Shard, Sql, Transaction } from "./sql";
import { runTransaction } from "./transaction";

const POOL_SIZE = 10;
/** Locks held at once by this process on one shard; their connections are not taken from those of requests. */
const LOCK_POOL_SIZE = 20;
const ASIDE_POOL_SIZE = 2;

export interface DatabaseOptions {
  /** In the order of their numbers. One URL: one shard, which holds everything. */
  shardUrls: readonly string[];
  /** Of a pgdog before these shards, through which requests go; locks and migrations go straight to the shards. */
  proxyUrl?: string | undefined;
  log: Log;
  poolSize?: number;
}

export type OpenDatabase = Database & { close(): Promise<void> };

/** Connects when first asked, not now. */
export function openDatabase({ shardUrls, proxyUrl, log, poolSize = POOL_SIZE }: DatabaseOptions): OpenDatabase {
  const routes = proxyUrl === undefined ? [] : routesThrough(proxyUrl, shardUrls.length, poolSize, log);
  const shards = shardUrls.map((url, index) => new PooledShard(url, index, poolSize, log, routes[index]));
  const first = shards[0];
  if (!first) throw new Error("A database needs the URL of at least one shard.");
  const at = (key: number | string): Shard => shards[shardOf(key, shards.length)] ?? first;
  return {
    shards,
    at: shards.length === 1 ? () => first : at,
    group: (keys) => groupByShard(keys, at),
    close: async () => {
      await Promise.all([...shards.map((shard) => shard.close()), routes[0]?.pool.end()]);
    },
  };
}

function groupByShard<Key extends number | string>(
  keys: readonly Key[],
  at: (key: Key) => Shard,
): { shard: Shard; keys: Key[] }[] {
  const groups = new Map<Shard, Key[]>();
  for (const key of keys) {
    const shard = at(key);
    const group = groups.get(shard);
    if (group) group.push(key);
    else groups.set(shard, [key]);
  }
  return [...groups].map(([shard, keys]) => ({ shard, keys }));
}

class PooledShard implements Shard {
  private readonly pool: Pool;
  private readonly lockPool: Pool;
  private readonly asidePool: Pool;
  readonly aside: Sql = { query: (text, params) => run(this.asidePool, text, params) };

  constructor(
    url: string,
    readonly index: number,
    poolSize: number,
    private readonly log: Log,
    private readonly route: Route | undefined,
  ) {
    this.pool = openPool(url, poolSize, log);
    this.lockPool = openPool(url, LOCK_POOL_SIZE, log);
    this.asidePool = openPool(url, ASIDE_POOL_SIZE, log);
  }

  query<Row extends QueryResultRow>(text: string, params?: readonly unknown[]): Promise<Rows<Row>> {
    if (this.route) return run<Row>(this.route.pool, this.route.comment + text, params);
    return run<Row>(this.pool, text, params);
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.route) return runTransaction(this.route.pool, this.log, work, this.route.prologue);
    return runTransaction(this.pool, this.log, work);
  }

  migration<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return runTransaction(this.pool, this.log, work);
  }

  async withLock<T>(name: string, work: (sql: Sql) => Promise<T>): Promise<T | undefined> {
    const client = await connect(this.lockPool);
    let hasBroken = false;
    try {
      const { rows } = await run<{ got: boolean }>(
        client,
        "select pg_try_advisory_lock(hashtextextended($1, 0)) as got",
        [name],
      );
      if (!rows[0]?.got) return undefined;
      try {
        return await work({ query: (text, params) => run(client, text, params) });
      } finally {
        // A connection that cannot unlock is closed, which unlocks.
        await run(client, "select pg_advisory_unlock(hashtextextended($1, 0))", [name]).catch(() => {
          hasBroken = true;
        });
      }
    } finally {
      client.release(hasBroken);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.end(), this.lockPool.end(), this.asidePool.end()]);
  }
}
