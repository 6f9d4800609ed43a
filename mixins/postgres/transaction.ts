import { setTimeout as sleep } from "node:timers/promises";
import type { Pool, PoolClient, QueryResultRow } from "pg";
import { failpoint } from "../failpoint";
import { connect, run } from "./connection";
import type { Log } from "./log";
import type { Transaction } from "./sql";

const ATTEMPTS = 6;
const FIRST_PAUSE_MS = 10;
const SERIALIZATION_FAILURE = "40001";
const DEADLOCK = "40P01";

/**
 * Commits what `work` did, all or nothing; what only another transaction's timing spoiled is done again. The prologue is its first
 * statement.
 */
export async function runTransaction<T>(
  pool: Pool,
  log: Log,
  work: (tx: Transaction) => Promise<T>,
  prologue?: string,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(pool, log, work, prologue);
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if ((code !== SERIALIZATION_FAILURE && code !== DEADLOCK) || attempt >= ATTEMPTS) throw error;
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
    }
  }
}

async function runOnce<T>(
  pool: Pool,
  log: Log,
  work: (tx: Transaction) => Promise<T>,
  prologue: string | undefined,
): Promise<T> {
  const client = await connect(pool);
  const tx = new OpenTransaction(client);
  let result: T;
  try {
    await run(client, "begin");
    if (prologue !== undefined) await run(client, prologue);
    result = await work(tx);
    tx.close();
    await commit(client);
  } catch (error) {
    tx.close();
    client.release(await rollback(client));
    throw error;
  }
  client.release();
  // What published something is what somebody is answered for.
  if (tx.callbacks.length > 0) await failpoint("outbox.committed");
  for (const callback of tx.callbacks) await runQuietly(callback, log);
  return result;
}

/** COMMIT of a transaction with a failed statement answers ROLLBACK, without an error. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await run(client, "commit");
  if (command !== "COMMIT")
    throw new Error("The transaction was rolled back: a statement in it had failed, and its error was caught.");
}

/** The connection's error, which keeps it out of the pool, when even this fails. */
async function rollback(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query("rollback");
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

async function runQuietly(callback: () => unknown, log: Log): Promise<void> {
  try {
    await callback();
  } catch (error) {
    log.error("What was to follow a commit failed:", error);
  }
}

class OpenTransaction implements Transaction {
  readonly callbacks: (() => void)[] = [];
  private isOpen = true;

  constructor(private readonly client: PoolClient) {}

  async query<Row extends QueryResultRow>(text: string, params?: readonly unknown[]) {
    if (!this.isOpen) throw new Error("This transaction has ended: a statement of it was not awaited.");
    return run<Row>(this.client, text, params);
  }

  afterCommit(work: () => void): void {
    this.callbacks.push(work);
  }

  close(): void {
    this.isOpen = false;
  }
}
