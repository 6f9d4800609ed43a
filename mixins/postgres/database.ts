import type { Pool, QueryResultRow } from "pg";
import { connect, openPool, run } from "./connection";
import type { Log } from "./log";
import { shardOf } from "./placement";
import type { Database, Rows, Shard, Sql, Transaction } from "./sql";
import { runTransaction } from "./transaction";

const POOL_SIZE = 10;
/** Locks held at once by this process on one shard; their connections are not taken from those of requests. */
const LOCK_POOL_SIZE = 20;

export interface DatabaseOptions {
  /** In the order of their numbers. One URL: one shard, which holds everything. */
  shardUrls: readonly string[];
  log: Log;
  poolSize?: number;
}

export type OpenDatabase = Database & { close(): Promise<void> };

/** Connects when first asked, not now. */
export function openDatabase({ shardUrls, log, poolSize = POOL_SIZE }: DatabaseOptions): OpenDatabase {
  const shards = shardUrls.map((url, index) => new PooledShard(url, index, poolSize, log));
  const first = shards[0];
  if (!first) throw new Error("A database needs the URL of at least one shard.");
  const at = (key: number | string): Shard => shards[shardOf(key, shards.length)] ?? first;
  return {
    shards,
    at: shards.length === 1 ? () => first : at,
    group: (keys) => groupByShard(keys, at),
    close: async () => {
      await Promise.all(shards.map((shard) => shard.close()));
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

  constructor(
    url: string,
    readonly index: number,
    poolSize: number,
    private readonly log: Log,
  ) {
    this.pool = openPool(url, poolSize, log);
    this.lockPool = openPool(url, LOCK_POOL_SIZE, log);
  }

  query<Row extends QueryResultRow>(text: string, params?: readonly unknown[]): Promise<Rows<Row>> {
    return run<Row>(this.pool, text, params);
  }

  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
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
    await Promise.all([this.pool.end(), this.lockPool.end()]);
  }
}
