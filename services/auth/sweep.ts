import type { Logger } from "moleculer";
import type { Office } from "./open-accounts";
import * as sessions from "./sessions.repository";
import { settleAbandoned } from "./settle-registrations";

/** Clears up behind dead registrations and expired sessions; one node at a time, the others go on without. */
export async function sweep(office: Office): Promise<void> {
  await office.sql.shards[0]?.withLock("auth: sweep", async () => {
    await settleAbandoned(office);
    for (const shard of office.sql.shards) while ((await sessions.sweepExpiredOn(shard)) > 0);
  });
}

export interface Sweeps {
  /** Ends when a round that has begun is through. */
  stop(): Promise<void>;
}

export function sweepEvery(seconds: number, round: () => Promise<void>, log: Pick<Logger, "warn">): Sweeps {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= round()
      .catch((error: unknown) => log.warn("The sweeper of accounts failed; its next round tries again:", error))
      .finally(() => (running = undefined));
  }, seconds * 1000).unref();
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
