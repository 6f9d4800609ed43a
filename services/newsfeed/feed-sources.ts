import { LRUCache } from "lru-cache";
import type { Call } from "../define-service";

/** Whose posts belong in a viewer's feed, at one version of whom they follow, mute and block. */
export interface Sources {
  following_version: number;
  user_ids: readonly number[];
  has: (userId: number) => boolean;
}

/** Ids kept in this process, over all viewers. */
const MOST_IDS = 2_000_000;

/** Sources by viewer, usable for as long as their version is the newest: what cannot change under (id, version). */
export class KnownSources {
  private readonly known = new LRUCache<number, Sources>({
    maxSize: MOST_IDS,
    sizeCalculation: ({ user_ids }) => user_ids.length + 1,
  });

  /** Asks graph for the version each time, so that a follow is seen by the very next read. */
  async of(call: Call, viewerId: number): Promise<Sources> {
    const { following_version } = await call("graph.followingVersion", { user_id: viewerId });
    const known = this.known.get(viewerId);
    if (known !== undefined && known.following_version >= following_version) return known;
    return this.read(call, viewerId);
  }

  async read(call: Call, viewerId: number): Promise<Sources> {
    const { following_version, user_ids } = await call("graph.feedSources", { user_id: viewerId });
    const set = new Set(user_ids);
    const sources = { following_version, user_ids, has: (userId: number) => set.has(userId) };
    const known = this.known.get(viewerId);
    if (known === undefined || known.following_version <= following_version) this.known.set(viewerId, sources);
    return sources;
  }
}
