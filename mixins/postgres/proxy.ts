import type { Pool } from "pg";
import { openPool } from "./connection";
import type { Log } from "./log";
import { shardOf } from "./placement";

/** One way through a pgdog, shared by the shards behind it (chapter "Sharding" of docs/architecture.md). */
export interface Route {
  pool: Pool;
  /** Leads a statement to its shard, whatever pgdog could make of the statement itself. */
  comment: string;
  /** First in a transaction: keeps all of it on its shard. */
  prologue: string;
}

/** Routes to every shard, in the order of their numbers, over one pool. */
export function routesThrough(url: string, shards: number, poolSize: number, log: Log): Route[] {
  const pool = openPool(url, poolSize * shards, log);
  return Array.from({ length: shards }, (_, index) => ({
    pool,
    comment: `/* pgdog_shard: ${index} */ `,
    prologue: `set local pgdog.sharding_key to '${keyOn(index, shards)}'`,
  }));
}

/** The smallest key of which a shard holds the rows: a transaction names its shard by one, for pgdog's hash is ours. */
function keyOn(index: number, shards: number): number {
  let key = 1;
  while (shardOf(key, shards) !== index) key += 1;
  return key;
}
