import type { Channels } from "../../mixins/channels/channels";
import type { Database, Transaction } from "../../mixins/postgres";
import { stampOf, type Stamps, touch } from "../../mixins/redis";
import { relationKey } from "../../mixins/redis/relations";
import type { VersionedCache } from "../../mixins/redis/versioned-cache";
import * as people from "./people.repository";
import type { Relation } from "./relations.repository";

/** What the pieces of this service need of it. */
export interface Graph extends Pick<Channels, "publish" | "publishMany" | "once"> {
  sql: Database;
  relations: VersionedCache<Relation>;
  stamps: Stamps;
}

/** A person whose row is locked: all that is stored beneath their key holds still until the transaction ends. */
export interface LockedPerson {
  readonly tx: Transaction;
  readonly user_id: number;
  /** Raises the version for a change that concerns `otherId`, and moves the number of accounts followed. */
  raise(otherId: number, delta?: number): Promise<void>;
  /**
   * What is cached of `otherId` is dropped at the end, also where nothing changes: this may be the repeat of a first try that came no
   * further than its commit.
   */
  concerns(otherId: number): void;
}

/**
 * One transaction under a person's lock. Whatever changes beneath one key goes through here, so that a follow sees the block
 * before it or is seen by it. Undefined, with nothing done, once the account was deleted.
 */
export async function underLock<T>(
  graph: Graph,
  userId: number,
  work: (person: LockedPerson) => Promise<T>,
): Promise<T | undefined> {
  let touched = new Map<number, number>();
  const result = await graph.sql.at(userId).transaction(async (tx) => {
    touched = new Map();
    const concerned = new Set<number>();
    if (!(await people.lock(tx, userId))) return undefined;
    const done = await work({
      tx,
      user_id: userId,
      async raise(otherId, delta = 0) {
        const versions = await people.raise(tx, [{ user_id: userId, delta }]);
        touched.set(otherId, versions.get(userId) ?? 0);
      },
      concerns: (otherId) => void concerned.add(otherId),
    });
    for (const otherId of concerned)
      if (!touched.has(otherId)) touched.set(otherId, await people.followingVersion(tx, userId));
    return done;
  });
  for (const [otherId, version] of touched) await graph.relations.raise(relationKey(userId, otherId), version);
  // Also where nothing changed, for the first try of a repeat may have come no further than its commit.
  await touch(graph.stamps, [stampOf.viewer(userId)]);
  return result;
}

/** A change between two people, as one of the first one's. */
export interface Change {
  user_id: number;
  other_id: number;
  delta: number;
}

/** Raises the versions of many locked people of one shard; call what it answers after the commit, before anybody is answered. */
export async function raiseMany(graph: Graph, tx: Transaction, changes: readonly Change[]) {
  const deltas = new Map<number, number>();
  for (const { user_id, delta } of changes) deltas.set(user_id, (deltas.get(user_id) ?? 0) + delta);
  const moves = [...deltas].map(([user_id, delta]) => ({ user_id, delta }));
  const versions = moves.length > 0 ? await people.raise(tx, moves) : new Map<number, number>();
  return async (): Promise<void> => {
    await Promise.all(
      changes.map(({ user_id, other_id }) =>
        graph.relations.raise(relationKey(user_id, other_id), versions.get(user_id) ?? 0),
      ),
    );
    await touch(
      graph.stamps,
      changes.map(({ user_id }) => stampOf.viewer(user_id)),
    );
  };
}
