import type { Admin, Kafka } from "kafkajs";

/** A connection for a moment: kafkajs' admin does not come back by itself when its broker was away. */
export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
