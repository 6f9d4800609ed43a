import type { Database } from "../../mixins/postgres";
import type { App } from "../setup/use-app";

interface Counts {
  user_id: number;
  follower_count: number;
  following_count: number;
}

function sqlOf(app: App): Database {
  return app.service<{ sql: Database }>("graph").sql;
}

/** Runs a statement on every shard: what a test may see that no action shows. */
export async function rowsOf<Row extends object>(app: App, text: string, params: unknown[] = []): Promise<Row[]> {
  const pages = await Promise.all(sqlOf(app).shards.map((shard) => shard.query<Row>(text, params)));
  return pages.flatMap(({ rows }) => rows);
}

/** Writes what no action would, on the shard of its key. */
export async function writeAt(app: App, key: number, text: string, params: unknown[]): Promise<void> {
  await sqlOf(app).at(key).query(text, params);
}

interface Block {
  blocker: number;
  blocked: number;
}

/** Every block as it stands beneath the one and beneath the other, both in the same order. */
export async function halvesOfBlocks(app: App): Promise<{ blocking: Block[]; blockedBy: Block[] }> {
  const half = async (kind: string, from: string, to: string) =>
    (await rowsOf<Block>(app, `select ${from} as blocker, ${to} as blocked from blocks where kind = $1`, [kind])).sort(
      (a, b) => a.blocker - b.blocker || a.blocked - b.blocked,
    );
  return {
    blocking: await half("blocking", "owner_id", "other_id"),
    blockedBy: await half("blocked_by", "other_id", "owner_id"),
  };
}

/** Counters as stored, and as they must be by the edges that stand, both by account. */
export async function countersAndEdges(app: App): Promise<{ stored: Counts[]; computed: Counts[] }> {
  await app.settled();
  const stored = await rowsOf<Counts>(
    app,
    "select user_id, follower_count, following_count from graph_counts where follower_count <> 0 or following_count <> 0",
  );
  const edges = await rowsOf<{ follower_id: number; following_id: number }>(
    app,
    "select follower_id, following_id from follows where status = 'accepted'",
  );
  const computed = new Map<number, Counts>();
  const of = (user_id: number): Counts => {
    const counts = computed.get(user_id) ?? { user_id, follower_count: 0, following_count: 0 };
    computed.set(user_id, counts);
    return counts;
  };
  for (const { follower_id, following_id } of edges) {
    of(follower_id).following_count += 1;
    of(following_id).follower_count += 1;
  }
  return { stored: stored.sort(byUser), computed: [...computed.values()].sort(byUser) };
}

function byUser(a: Counts, b: Counts): number {
  return a.user_id - b.user_id;
}
