import type { Admin } from "kafkajs";

export interface TopicLag {
  topic: string;
  /** Messages that the group has not finished. */
  waiting: number;
  /** Messages that there ever were. */
  written: number;
}

/** Of one group, by topic: between what it committed and the end. */
export async function lagOf(admin: Admin, groupId: string, topics: string[]): Promise<TopicLag[]> {
  const committed = await admin.fetchOffsets({ groupId, topics });
  return Promise.all(
    committed.map(async ({ topic, partitions }) => {
      const ends = new Map((await admin.fetchTopicOffsets(topic)).map((one) => [one.partition, one]));
      let waiting = 0;
      let written = 0;
      for (const { partition, offset } of partitions) {
        const { low = "0", high = "0" } = ends.get(partition) ?? {};
        // A group that never committed has -1, and begins with the oldest that is kept.
        waiting += Math.max(0, Number(high) - Math.max(Number(low), Number(offset)));
        written += Number(high);
      }
      return { topic, waiting, written };
    }),
  );
}
