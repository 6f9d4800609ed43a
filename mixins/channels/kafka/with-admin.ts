import type { Admin, Kafka } from "kafkajs";
import { setTimeout as sleep } from "node:timers/promises";
import { pauseAfter } from "../judge";

const TRIES = 6;

/**
 * A connection for a moment: kafkajs' admin does not come back by itself when its broker was away, and repeats few of the requests that
 * a change of leader or coordinator refuses.
 */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      if (failures + 1 >= TRIES || (error as { retriable?: unknown }).retriable !== true) throw error;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
    await sleep(pauseAfter(failures));
  }
}
