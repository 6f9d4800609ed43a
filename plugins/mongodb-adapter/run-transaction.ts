import { setTimeout as sleep } from "node:timers/promises";
import { type ClientSession, type MongoClient, MongoError, MongoServerSelectionError } from "mongodb";

export interface TransactionOptions {
  /** From here on nothing is begun again. */
  timeoutMs: number;
}

/** Thrown by the work where it knows that this attempt leads nowhere, and the next one may. */
export class RunAgainError extends Error {
  override readonly name = "RunAgainError";
}

const FIRST_PAUSE_MS = 4;
const LONGEST_PAUSE_MS = 64;

/**
 * Runs the work in a transaction, and all of it again where another one was in its way or the server's answer was lost, until
 * it is committed at a majority and in the journal. The work does nothing but through the session, one operation after the other.
 * @throws what the work throws, with nothing stored; the last conflict when the time is over.
 */
export async function runTransaction<T>(
  client: MongoClient,
  work: (session: ClientSession) => Promise<T>,
  { timeoutMs }: TransactionOptions,
): Promise<T> {
  const endMs = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    const session = client.startSession();
    try {
      session.startTransaction({
        readConcern: { level: "snapshot" },
        writeConcern: { w: "majority", journal: true },
        readPreference: "primary",
      });
      const result = await work(session);
      await commit(session, endMs);
      return result;
    } catch (error) {
      if (!mayBeRepeated(error) || performance.now() >= endMs) throw error;
    } finally {
      // Aborts what was not committed.
      await session.endSession().catch(() => undefined);
    }
    await sleep(pauseMs(attempt));
  }
}

/** Asking again for a commit whose answer was lost is safe: it happens once, or the server says that it did not. */
async function commit(session: ClientSession, endMs: number): Promise<void> {
  for (;;) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      const isUnknown = error instanceof MongoError && error.hasErrorLabel("UnknownTransactionCommitResult");
      if (!isUnknown || isUnreachable(error) || performance.now() >= endMs) throw error;
    }
    await sleep(pauseMs(0));
  }
}

function mayBeRepeated(error: unknown): boolean {
  if (error instanceof RunAgainError) return true;
  return error instanceof MongoError && error.hasErrorLabel("TransientTransactionError") && !isUnreachable(error);
}

/** It was looked for long enough. */
function isUnreachable(error: unknown): boolean {
  return error instanceof MongoServerSelectionError;
}

/** Anywhere in a window that doubles: those who were in each other's way come back one by one. */
function pauseMs(attempt: number): number {
  return Math.random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
}
